"""Who calls and what they may do: callers, access keys, signatures."""
