"""What drops a thousand photos and counts what became of each."""
