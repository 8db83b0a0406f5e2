"""The demo: the deployed stack searches sample photos, and you see the matches."""
