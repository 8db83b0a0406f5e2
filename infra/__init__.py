"""The deployed stack and its configuration."""
