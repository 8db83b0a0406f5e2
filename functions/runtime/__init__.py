"""What the handlers share: AWS clients, wiring, callers, the audit trail, logs and metrics."""
