"""What a judging screen holds back: raw text, folded parts, differences, findings.

Each is a page of its own, for who reads without scripts, and the fragment that
static/js/specimen.js puts in its place.
"""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from accounts.permissions import Principal
from annotation.access import assignment_for
from annotation.actions import judging
from annotation.content.differences import difference
from annotation.content.finding import claim_of
from annotation.content.showing import (
    contents_by_side,
    documents_with,
    look,
    sides_seen,
)
from annotation.content.specimens import one_part, rows_at
from annotation.content.specimens import specimen as specimen_of
from annotation.content.text import as_text
from annotation.content.trees import Spot
from annotation.models import Assignment, Item
from config.http import HtmxRequest, render_screen

VIEWS = ("rendered", "raw")


@login_required
@require_safe
def specimen(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """The outputs of a unit as text, as they differ, or one part of what is shown."""
    assignment = assignment_for(Principal.of(request), pk)
    return specimen_screen(request, assignment, back=assignment.get_absolute_url())


def specimen_screen(
    request: HtmxRequest, assignment: Assignment, *, back: str
) -> HttpResponse:
    item, sides = contents_of(assignment)
    if "of" in request.GET:
        context = part_of(request, assignment, item, sides)
    elif request.GET.get("view") == "differences":
        context = {"sides": differing(sides)}
    else:
        context = {"sides": sides_seen(assignment, sides, view_of(request))}
    context |= {"back": back, "view": view_of(request)}
    return render_screen(request, "annotation/specimen.html", context)


def contents_of(assignment: Assignment) -> tuple[Item, dict[str, Any]]:
    """The item, and what each side says, as this annotator may see them."""
    outputs = judging.outputs_of(assignment.unit_id)
    return outputs[0].output.item, contents_by_side(assignment, outputs)


def view_of(request: HtmxRequest) -> str:
    asked = request.GET.get("view", "")
    return asked if asked in VIEWS else "rendered"


def differing(sides: dict[str, Any]) -> list[dict[str, Any]]:
    """Two outputs with the words marked that only one of them has."""
    if len(sides) != 2:
        raise Http404
    found = difference(*(as_text(content) for content in sides.values()))
    shown = [found.first, found.second]
    only = [found.only_first, found.only_second]
    return [
        {
            "side": side,
            "html": html,
            "only": count,
            "alike": found.alike,
        }
        for side, html, count in zip(sides, shown, only, strict=True)
    ]


def part_of(
    request: HtmxRequest, assignment: Assignment, item: Item, sides: dict[str, Any]
) -> dict[str, Any]:
    """One part of one piece of content: by its number, or rows of its JSON."""
    asked = request.GET
    content = content_of(asked["of"], item, sides)
    at = look(assignment, asked["of"], view_of(request))
    claim = claim_of(asked.get("find", "")) or None
    try:
        if "json" in asked:
            return {"rows": rows_at(content, at, asked["json"], spot_of(asked))}
        if "part" in asked:
            number = int(asked["part"][:6])
            return {"part": one_part(content, at, number, find=claim)}
    except (ValueError, LookupError, RecursionError):
        raise Http404 from None
    whole = "all" in asked
    return {"content": specimen_of(content, at, whole=whole, find=claim)}


def content_of(of: str, item: Item, sides: dict[str, Any]) -> Any:
    """The content that goes by a name on the screen; 404 for any other name."""
    if of in sides:
        return sides[of]
    if of == "prompt":
        return item.input
    if of == "reference" and item.reference:
        return item.reference
    documents = item.context or []
    kind, _, number = of.partition("-")
    is_place = number.isascii() and number.isdecimal() and len(number) < 6
    if kind == "context" and is_place and 1 <= int(number) <= len(documents):
        return documents[int(number) - 1]["content"]
    raise Http404


def spot_of(asked: Any) -> Spot:
    """The keys to what is asked for, and which of its rows; ValueError for others."""
    path = json.loads(asked.get("at", "[]"))
    if not isinstance(path, list):
        raise ValueError(path)
    keys = tuple(str(key) for key in path)
    if "items" not in asked:
        return Spot(keys)
    first, _, last = asked["items"].partition("-")
    start = int(first[:9])
    end = int(last[:9])
    if not 0 <= start < end:
        raise ValueError(asked["items"])
    return Spot(keys, start, end)


@login_required
@require_safe
def context(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """Find in context: the documents that hold the words of a claim, best first."""
    assignment = assignment_for(Principal.of(request), pk)
    item, _ = contents_of(assignment)
    claim = claim_of(request.GET.get("find", ""))
    documents, hits = documents_with(item, assignment, claim)
    shown = {
        "assignment": assignment,
        "documents": documents,
        "hits": hits,
        "holding": sum(bool(document.hits) for document in documents),
        "find": claim.text,
    }
    return render_screen(request, "annotation/context.html", shown)
