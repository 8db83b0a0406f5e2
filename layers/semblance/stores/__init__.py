"""The stores: DynamoDB items and S3 objects. boto3 below, values of the model above."""
