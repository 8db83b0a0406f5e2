"""Measures how whole faces are found: parts, turned-over faces, and things taken for faces."""
