"""The pages as their tests read them: links, anchors, commands, files and words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

_BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_FIGURES = re.compile(r"<!-- (\w+): .*?<!-- /?\1.*? -->", re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_SPAN = re.compile(r"`([^`\n]+)`")
_WORD = re.compile(r"[a-z][a-z'-]*")
_FILE = re.compile(r"(?:layers|functions|infra|cli|tools|tests|docs|bench|events)/[\w./-]*")
_REFERENCE = ("audit", "cli", "configuration", "faults", "models", "operations")
"""Generated pages, whose tables are reference and no prose."""


@dataclass(frozen=True)
class Page:
    path: Path
    text: str

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    def __str__(self) -> str:
        return self.name

    def links(self) -> list[str]:
        """Relative ones."""
        prose = _SPAN.sub("", self._without_blocks())
        return [link for link in _LINK.findall(prose) if "://" not in link]

    def anchors(self) -> set[str]:
        """As GitHub makes them of headings: small letters, no punctuation, a number if repeated."""
        seen: Counter[str] = Counter()
        found = set()
        for heading in re.findall(r"^#+ (.+)$", self._without_blocks(), re.MULTILINE):
            text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
            slug = re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")
            found.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
            seen[slug] += 1
        return found

    def blocks(self, language: str) -> list[str]:
        return [body for name, body in _BLOCK.findall(self.text) if name == language]

    def commands(self) -> Iterator[str]:
        """Of the shell blocks, a continued line as one, and in the text."""
        for block in self.blocks("sh"):
            for line in block.replace("\\\n", " ").splitlines():
                yield re.sub(r" +", " ", line.strip())
        yield from _SPAN.findall(self._without_blocks())

    def files(self) -> list[str]:
        spans = _SPAN.findall(self._without_blocks())
        return [span for span in spans if _FILE.fullmatch(span)]

    def words(self) -> list[str]:
        """Of the prose: no code, no figures, no tables of reference."""
        text = _FIGURES.sub("", self._without_blocks())
        if self.path.stem in _REFERENCE:
            text = re.sub(r"^\|.*$", "", text, flags=re.MULTILINE)
        return _WORD.findall(_SPAN.sub("", text).lower())

    def _without_blocks(self) -> str:
        return _BLOCK.sub("", self.text)


def written_pages() -> list[Page]:
    paths = [ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")]
    paths += sorted((ROOT / "docs").rglob("*.md"))
    return [Page(path, path.read_text(encoding="utf-8")) for path in paths]
