"""What a developer or an operator runs: `python -m tools.<name>`."""
