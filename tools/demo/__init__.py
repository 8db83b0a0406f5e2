"""The demo: what the deployed stack does, shown on sample photos."""
