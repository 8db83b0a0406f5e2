"""The values that the service works with, in the biometrics field's terms."""
