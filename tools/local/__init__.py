"""The local cloud: an AWS emulator on this machine with the stack deployed into it."""
