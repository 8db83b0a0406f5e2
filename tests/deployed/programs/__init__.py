"""Programs as others write them for Amazon Rekognition: boto3 and nothing of ours.

They get a client and print, as such programs do; what they return is for the test.
"""
