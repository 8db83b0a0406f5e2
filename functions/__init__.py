"""The Lambda functions: one module for each, with its entry point `handler(event, context)`."""
