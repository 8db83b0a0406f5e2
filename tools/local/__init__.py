"""The local cloud: an emulator of AWS, and the stack deployed into it."""
