"""Accuracy on an owner's own photos: faces into templates, templates into pairs, pairs into rates.

All of it runs on this machine. numpy, onnxruntime, Pillow and matplotlib come with the extra
`accuracy`, so nothing imports this package before it is needed.
"""
