"""What keeps a deployment in order behind its callers' backs: a module for each duty.

Every duty can be killed at any point and done again, by two at once, beside live writers.
"""
