"""The report of a load check, and the checks that fill it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from semblance.contract import layout
from tests.load.drops import INDEXED, Plan
from tests.load.listening import Event
from tests.load.target import Target


@dataclass
class Report:
    photos: int
    put_seconds: float = 0.0
    seconds: float = 0.0
    """From the first put to the last result, except for the two photos with faults."""
    outcomes: Counter[str] = field(default_factory=Counter)
    faces: int = 0
    events: int = 0
    doubled_events: int = 0
    dead_letters: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Check:
    """Compares a plan whose photos were dropped, with these versions, with the deployment."""

    target: Target
    plan: Plan
    versions: Mapping[str, str]
    events: Sequence[Event]
    report: Report

    def run(self) -> None:
        self._results()
        self._events()
        self._faces()
        self._queues()

    def _results(self) -> None:
        names = self.target.result_names()
        for key in self.plan.standing:
            if layout.result_name(key) in names:
                self._result(key)
            else:
                self._problem(f"no result: {key}")
        if layout.result_name(self.plan.vanishing.key) in names:
            self._problem("the photo that was deleted at once has a result")

    def _result(self, key: str) -> None:
        result, expected = self.target.result(key), self.plan.standing[key].outcome
        self.report.outcomes[result["Outcome"]] += 1
        if result["Outcome"] != expected:
            self._problem(f"{result['Outcome']}, not {expected}: {key}")
        if result["Image"]["Version"] != self.versions[key]:
            self._problem(f"the result is not that of the last version: {key}")

    def _events(self) -> None:
        images = [event["detail"]["Image"] for event in self.events]
        counted = Counter(
            (image["Name"], image["Version"]) for image in images if image["Name"] in self.versions
        )
        self.report.events = counted.total()
        self.report.doubled_events = self.report.events - len(counted)
        if len(counted) != self.report.photos - 1:
            self._problem(f"{len(counted)} versions have an event, not {self.report.photos - 1}")

    def _faces(self) -> None:
        stored = self.target.stored_faces()
        announced = self._announced_faces()
        counted = self.target.rekognition.describe_collection(CollectionId=self.target.collection)
        self.report.faces = len(stored)
        expected = len(self.plan.indexed)
        counts = {len(stored), len(set(stored)), len(announced), counted["FaceCount"], expected}
        if counts != {expected} or set(stored) != announced:
            self._problem(
                f"{expected} faces were to be indexed; {len(stored)} are stored, {len(set(stored))}"
                f" of them different, {len(announced)} in events, {counted['FaceCount']} counted"
            )

    def _announced_faces(self) -> set[str]:
        details = [event["detail"] for event in self.events if event["detail-type"] == INDEXED]
        return {
            record["Face"]["FaceId"]
            for detail in details
            if detail.get("CollectionId") == self.target.collection
            for record in detail["FaceRecords"]
        }

    def _queues(self) -> None:
        if messages := self.target.messages():
            self._problem(f"{messages} messages are left in the queue")
        letters = self.target.dead_letters.all()
        keys = [key for letter in letters for key, _ in letter.photos]
        self.report.dead_letters = [key for key in keys if key in self.versions]
        if self.report.dead_letters != [self.plan.vanishing.key]:
            self._problem(f"dead letters: {self.report.dead_letters}")

    def _problem(self, text: str) -> None:
        self.report.problems.append(text)
