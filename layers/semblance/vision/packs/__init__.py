"""Model packs: sets of weights, thresholds and scales that belong together."""
