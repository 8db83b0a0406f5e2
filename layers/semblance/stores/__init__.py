"""Where things are kept: DynamoDB items and S3 objects. boto3 below, the model above."""
