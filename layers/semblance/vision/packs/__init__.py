"""Model packs: which weights, thresholds and scales belong together."""
