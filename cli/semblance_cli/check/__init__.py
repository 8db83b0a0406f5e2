"""Checks of a deployment from outside: each asks AWS or calls the API and judges the answer."""
