"""The metrics of a deployment: the code emits them and the dashboard shows them by these names."""

from typing import NamedTuple

NAMESPACE = "Semblance"

OPERATION = "Operation"
CODE = "Code"
SERVICE = "service"
"""A dimension of every metric: the stack and its function, `Semblance-api`. Powertools' name."""
FUNCTION_NAME = "function_name"

UNKNOWN = "Unknown"
"""The Operation of a call whose target names none: callers must not be able to make up metrics."""


class Metric(NamedTuple):
    name: str
    unit: str
    dimension: str | None = None
    """One more dimension, besides the service."""

    @property
    def dimensions(self) -> frozenset[str]:
        return frozenset(filter(None, (SERVICE, self.dimension)))


CALLS = Metric("Calls", "Count", OPERATION)
DURATION = Metric("Duration", "Milliseconds", OPERATION)
REFUSALS = Metric("Refusals", "Count", CODE)
FACES_INDEXED = Metric("FacesIndexed", "Count")
FACES_SEARCHED = Metric("FacesSearched", "Count")
PHOTOS_REJECTED = Metric("PhotosRejected", "Count", CODE)
QUEUE_AGE = Metric("QueueAge", "Seconds")
GALLERY_LOAD_TIME = Metric("GalleryLoadTime", "Milliseconds")
GALLERY_FACES = Metric("GalleryFaces", "Count")
SNAPSHOTS_WRITTEN = Metric("SnapshotsWritten", "Count")
COMPACTION_AGE = Metric("CompactionAge", "Seconds")
ERASURE_AGE = Metric("ErasureAge", "Seconds")
COLD_START = Metric("ColdStart", "Count", FUNCTION_NAME)

AUDIT_LOST = Metric("AuditLost", "Count")

METRICS = (
    CALLS, DURATION, REFUSALS, FACES_INDEXED, FACES_SEARCHED, PHOTOS_REJECTED, QUEUE_AGE,
    GALLERY_LOAD_TIME, GALLERY_FACES, SNAPSHOTS_WRITTEN, COMPACTION_AGE, ERASURE_AGE, COLD_START,
    AUDIT_LOST,
)  # fmt: skip
