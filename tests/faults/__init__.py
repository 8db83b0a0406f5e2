"""Every operation must survive a fault in any of its calls to AWS: `make faults`."""
