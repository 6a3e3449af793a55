"""The guidelines as somebody read them last, and what changed since."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from rapidfuzz.distance import Indel

from annotation.models import BatchMember

MOST_LINES = 4_000


def guidelines_as_read(member: BatchMember) -> str | None:
    """The guidelines as this annotator read them last; None if they did not."""
    if member.guidelines_read_at is None:
        return None
    changes = member.batch.guidelines_changes.filter(at__gt=member.guidelines_read_at)
    first = changes.order_by("at", "pk").first()
    return member.batch.guidelines if first is None else first.before


@dataclass(frozen=True)
class Line:
    """A line that came ("ins") or went ("del")."""

    change: str
    text: str


def changed_lines(before: str, after: str) -> list[Line]:
    """What changed from one text to the other, line by line; empty when nothing did."""
    old, new = before.splitlines()[:MOST_LINES], after.splitlines()[:MOST_LINES]
    return list(differing(old, new))


def differing(old: list[str], new: list[str]) -> Iterator[Line]:
    """What went, then what came in its place; quick with any text."""
    steps = Indel.opcodes(old, new)
    for is_alike, group in groupby(steps, key=lambda step: step.tag == "equal"):
        if is_alike:
            continue
        changed = list(group)
        for step in changed:
            for text in old[step.src_start : step.src_end]:
                yield Line("del", text)
        for step in changed:
            for text in new[step.dest_start : step.dest_end]:
                yield Line("ins", text)
