"""The handlers' common runtime: AWS clients, wiring, callers, audit trail, logs and metrics."""
