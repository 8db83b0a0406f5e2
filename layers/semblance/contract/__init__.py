"""Names that a deployment and its clients must spell alike: settings, keys, metrics."""
