"""The wire: JSON 1.1, checks against the service model, and Rekognition's shapes."""
