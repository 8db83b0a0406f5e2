"""The operations: a checked request in, a reply in Rekognition's words out.

They see a Service and nothing of Lambda or API Gateway. Errors are raised, never caught.
"""
