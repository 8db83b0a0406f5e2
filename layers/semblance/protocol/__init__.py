"""The wire: JSON 1.1, the service model that checks requests, and Rekognition's shapes."""
