"""The command `semblance`, for operators: what they do to a deployment."""
