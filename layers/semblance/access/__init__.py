"""Authentication and authorisation: callers, access keys, signatures."""
