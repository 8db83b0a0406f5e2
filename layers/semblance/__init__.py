"""Semblance: face collections that answer as Amazon Rekognition does."""
