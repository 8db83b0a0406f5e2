"""Programs as others write them for Amazon Rekognition: boto3 alone, no code of Semblance.

They take a client and print, as such programs do. They return values for the test.
"""
