"""Semblance measured beside its rivals, on one machine and on the same photos and vectors."""
