"""The values that the service speaks of, in the biometrics field's terms."""
