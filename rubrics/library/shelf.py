"""The library's rubrics, read once from their files."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from rubrics.files.reading import read_yaml
from rubrics.instrument import Instrument
from rubrics.serialize import criteria_json
from rubrics.shape import CriterionDraft, read_criteria
from rubrics.sketch import sketched

FILES = Path(__file__).parent


@dataclass(frozen=True)
class LibraryRubric:
    """One rubric: when to use it, which layout it fits, and an item to try it on.

    `demo` is an import record: input, context, and an output for each side.
    """

    key: str
    title: str
    purpose: str
    layout: str
    demo: dict[str, Any]
    criteria: tuple[CriterionDraft, ...]

    @cached_property
    def instrument(self) -> Instrument:
        return sketched(self.title, self.criteria)

    def criteria_json(self) -> list[dict[str, Any]]:
        return criteria_json(self.instrument)


@lru_cache(maxsize=1)
def library() -> tuple[LibraryRubric, ...]:
    """All of them, in the order of their titles."""
    found = [read_book(file) for file in FILES.glob("*.yaml")]
    return tuple(sorted(found, key=lambda book: book.title))


def library_rubric(key: str) -> LibraryRubric | None:
    return next((book for book in library() if book.key == key), None)


def read_book(file: Path) -> LibraryRubric:
    body = read_yaml(file.read_bytes())
    return LibraryRubric(
        key=file.stem,
        title=body["title"],
        purpose=body["purpose"],
        layout=body["layout"],
        demo=body["demo"],
        criteria=read_criteria(body["criteria"]),
    )
