"""A photo dropped into the input bucket: its processing and its outcome."""
