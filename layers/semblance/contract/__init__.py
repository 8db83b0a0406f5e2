"""What a deployment and its clients must spell alike: settings, table keys, S3 keys, metrics."""
