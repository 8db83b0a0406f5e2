"""The scheduled duties that keep a deployment in order: a module for each.

A duty can be killed at any point and done again, by two processes at once, beside live writers.
"""
