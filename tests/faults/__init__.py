"""What becomes of every operation when any call that it makes to AWS goes wrong: `make faults`."""
