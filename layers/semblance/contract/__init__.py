"""What the service, the stack and the operators' command agree on."""
