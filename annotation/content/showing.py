"""What a judging screen shows of a unit: the item, and its outputs by side alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from annotation.answers.given import sides_of
from annotation.content.finding import Claim, Found, found_in, ranked
from annotation.content.masking import masked
from annotation.content.specimens import Look, Specimen, specimen
from annotation.content.text import as_text, first_words, words_in
from annotation.models import Assignment, Item, UnitOutput

LONGEST_LINE = 400  # as much as fits on one line of a wide screen
# Documents up to this many characters in all come with the screen, others on demand.
INLINE_DOCUMENTS = 8_000
OPENED = 3


@dataclass(frozen=True)
class Document:
    """A context document; without `content` it is fetched when it is opened."""

    number: int
    title: str
    words: int
    url: str
    content: Specimen | None = None
    hits: int = 0
    is_open: bool = False


def shown_item(item: Item, assignment: Assignment) -> dict[str, Any]:
    """The item as annotators may see it: no id, no segments, no metadata."""
    return {
        "content": specimen(item.input, look(assignment, "prompt")),
        "line": first_words(item.input, most=LONGEST_LINE),
        "words": words_in(item.input),
        "warning": item.warning,
        "documents": documents_of(item, assignment),
        "reference": (
            specimen(item.reference, look(assignment, "reference"))
            if item.reference
            else None
        ),
    }


def look(assignment: Assignment, of: str, view: str = "rendered") -> Look:
    # Who looks at another's unit gets its parts behind a door of their own.
    url = getattr(assignment, "specimen_url", "") or reverse(
        "annotation:specimen", args=[assignment.pk]
    )
    return Look(url, of, view)


def documents_of(item: Item, assignment: Assignment) -> list[Document]:
    """The context in its order; what is too much for the screen is left to fetch."""
    left = INLINE_DOCUMENTS
    found = []
    for number, document in enumerate(item.context or [], start=1):
        content = document["content"]
        left -= len(content)
        at = look(assignment, f"context-{number}")
        found.append(
            Document(
                number=number,
                title=document["title"],
                words=words_in(content),
                url=at.to(),
                content=specimen(content, at) if left >= 0 else None,
            )
        )
    return found


def documents_with(
    item: Item, assignment: Assignment, claim: Claim
) -> tuple[list[Document], int]:
    """The context with a claim's words marked, best first, and how often they occur."""
    documents = item.context or []
    found = [found_in(as_text(document["content"]), claim) for document in documents]
    best = ranked(found)
    order = [*best, *(n for n in range(len(documents)) if n not in set(best))]
    shown = [
        document_with(documents[n], n + 1, found[n], assignment, claim, best[:OPENED])
        for n in order
    ]
    return shown, sum(one.hits for one in found)


def document_with(
    document: dict[str, Any],
    number: int,
    found: Found,
    assignment: Assignment,
    claim: Claim,
    opened: Sequence[int],
) -> Document:
    content = document["content"]
    at = look(assignment, f"context-{number}")
    is_open = number - 1 in opened
    return Document(
        number=number,
        title=document["title"],
        words=words_in(content),
        url=at.to(find=claim.text) if found.hits else at.to(),
        content=specimen(content, at, find=claim) if is_open else None,
        hits=found.hits,
        is_open=is_open,
    )


def shown_sides(
    assignment: Assignment, outputs: list[UnitOutput]
) -> list[dict[str, Any]]:
    """The outputs as they are laid out for this annotator, named by side alone."""
    return sides_seen(assignment, contents_by_side(assignment, outputs))


def sides_seen(
    assignment: Assignment, contents: dict[str, Any], view: str = "rendered"
) -> list[dict[str, Any]]:
    return [
        {
            "side": side,
            "content": specimen(content, look(assignment, side, view)),
            "words": words_in(content),
            "is_empty": is_empty(content),
        }
        for side, content in contents.items()
    ]


def is_empty(content: Any) -> bool:
    return content in ("", [], {}, None)


def contents_by_side(
    assignment: Assignment, outputs: list[UnitOutput]
) -> dict[str, Any]:
    """What each side says, with the names that give a system away as blocks."""
    ordered = [outputs[position].output for position in assignment.side_order]
    return {
        side: masked(output.content, output.masks)
        for side, output in zip(sides_of(len(outputs)), ordered, strict=True)
    }
