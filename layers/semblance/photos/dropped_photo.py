"""DroppedPhoto: one version of a photo in the input bucket, as S3 announced it."""

from dataclasses import dataclass

from semblance.contract.layout import PhotoKey, parse_photo_key


@dataclass(frozen=True, slots=True)
class DroppedPhoto:
    bucket: str
    key: str
    version: str | None = None
    etag: str = ""
    sequencer: str = ""
    """S3's: of two events of one key, the later one has the higher (see `photos.outcomes`)."""
    put_by: str | None = None
    """The principal id of the uploader, as S3 reports it."""

    @property
    def parts(self) -> PhotoKey:
        return parse_photo_key(self.key)

    @property
    def identity(self) -> dict[str, str]:
        """The same in every delivery of this version, and in no other's."""
        place = {"bucket": self.bucket, "key": self.key}
        if self.version is not None:
            return place | {"version": self.version}
        return place | {"etag": self.etag, "sequencer": self.sequencer}
