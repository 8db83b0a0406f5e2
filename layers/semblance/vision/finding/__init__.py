"""Face detection: the detectors, and the rules that decide which detections are faces."""
