"""The public endpoint in front of the API's function: an API of API Gateway, REST or HTTP."""
