"""The command `semblance`, for the operators of a deployment."""
