"""A picture: decoding, and its pixels at the scales that detectors and crops need."""
