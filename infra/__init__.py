"""What is deployed, and the choices that its owner has."""
