"""What Lambda starts: one module a way in, each with `handler(event, context)`."""
