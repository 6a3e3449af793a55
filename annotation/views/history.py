"""My own judgments: listed, opened again, undone; skipped units taken back."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Principal
from annotation.access import assignment_for, batch_of_mine
from annotation.actions.breaks import NotFree, take_back
from annotation.actions.claiming import BatchNotOpen, NotInBatch
from annotation.actions.judging import outputs_of
from annotation.content.showing import shown_item, shown_sides
from annotation.flags import flags_on
from annotation.mine.history import (
    LISTS,
    before_undo,
    entries,
    my_assignments,
    page_of,
    takes_revisions,
)
from annotation.models import Assignment, Batch, Judgment
from annotation.progress import UNDO_DEEP, UNDO_WITHIN
from config.http import HtmxRequest, render_screen

LONGEST_SEARCH = 200


@login_required
@require_safe
def all_of_mine(request: HtmxRequest) -> HttpResponse:
    """My judgments in every batch."""
    return history(request, None)


@login_required
@require_safe
def mine(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """My judgments in one batch."""
    return history(request, batch_of_mine(Principal.of(request), pk))


def history(request: HtmxRequest, batch: Batch | None) -> HttpResponse:
    rows = my_assignments(Principal.of(request).user)
    if batch is not None:
        rows = rows.filter(batch=batch)
    asked = request.GET.get("show", "")
    shown = asked if asked in LISTS else "submitted"
    words = request.GET.get("words", "").replace("\x00", "").strip()[:LONGEST_SEARCH]
    before = request.GET.get("before", "")
    page = page_of(rows, shown, words=words, before=before)
    kept = {"words": words} if words else {}
    context = {
        "batch": batch,
        "lists": [
            {"name": name, "label": label, "query": urlencode({"show": name, **kept})}
            for name, label in LISTS.items()
        ],
        "downloads": ["csv", "xlsx", "ndjson"],
        "shown": shown,
        "words": words,
        "page": page,
        "newest": urlencode({"show": shown, **kept}) if before else "",
        "older": page.older
        and urlencode({"show": shown, **kept, "before": page.older}),
    }
    return render_screen(request, "annotation/history.html", context)


@login_required
@require_safe
def mine_one(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """One unit of mine to read: what I saw, what I said, what can be done now."""
    assignment = assignment_for(Principal.of(request), pk)
    outputs = outputs_of(assignment.unit_id)
    (entry,) = entries(list(with_item([assignment])))
    context = {
        "batch": assignment.batch,
        "assignment": assignment,
        "entry": entry,
        "item": shown_item(outputs[0].output.item, assignment),
        "sides": shown_sides(assignment, outputs),
        "judgments": Judgment.objects.filter(assignment=assignment).order_by("-number"),
        "words": words_on(assignment),
        "flags": flags_on(assignment),
        "returns": assignment.returns.select_related("by").order_by("pk"),
        "read_only": True,
        "can_edit": entry.can_edit,
    }
    return render_screen(request, "annotation/mine.html", context)


def with_item(rows: list[Assignment]) -> Any:
    found = Assignment.objects.filter(pk__in=[row.pk for row in rows])
    return found.select_related("batch", "unit__item")


def words_on(assignment: Assignment) -> list[dict[str, str]]:
    """My note and rationales on a unit, as I wrote them."""
    current = assignment.judgments.current().first()
    if current is None:
        return []
    explained = current.answers.exclude(rationale="").select_related("criterion")
    words = [
        {"key": answer.criterion.key, "text": answer.rationale}
        for answer in explained.order_by("pk")
    ]
    if current.note:
        words.append({"key": "", "text": current.note})
    return words


@login_required
@require_safe
def undo(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """From a unit to the submission before it, filled in as a revision.

    Ten deep and within 15 minutes. Nothing is changed until it is submitted again;
    `back` names the unit that was interrupted.
    """
    assignment: Any = assignment_for(Principal.of(request), pk)
    batch, user = assignment.batch, Principal.of(request).user
    if not takes_revisions(batch):
        messages.info(
            request, _("This batch is closed; its judgments can be read, not changed.")
        )
        return redirect("annotation:mine-one", pk)
    way = before_undo(batch, user, assignment.now - UNDO_WITHIN)[:UNDO_DEEP]
    place = way.index(pk) + 1 if pk in way else 0
    if assignment.is_submitted and pk not in way:
        place = len(way)
    if place >= len(way):
        messages.info(request, str(NO_FURTHER))
        return redirect(with_back(assignment.pk, request.GET.get("back", "")))
    back = request.GET.get("back", "") if assignment.is_submitted else str(pk)
    return redirect(with_back(way[place], back))


NO_FURTHER = gettext_lazy(
    "Undo goes back ten submissions and 15 minutes. Everything older is in your "
    "history."
)


def with_back(pk: UUID, back: str) -> str:
    address = reverse("annotation:assignment", args=[pk])
    return f"{address}?{urlencode({'back': back})}" if back else address


@login_required
@require_POST
def skip_taken_back(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """Bring a skipped unit back to me, while a place of it is free."""
    principal = Principal.of(request)
    assignment = assignment_for(principal, pk)
    try:
        take_back(assignment=assignment, principal=principal)
    except (NotFree, NotInBatch, BatchNotOpen) as error:
        messages.warning(request, str(error))
        return redirect("annotation:mine-one", pk)
    return redirect(assignment)
