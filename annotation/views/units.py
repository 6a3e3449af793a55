"""One unit for who manages its batch: what is judged, by whom, what was said of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.permissions import Action, Principal, can
from annotation.access import unit_for
from annotation.actions.judging import outputs_of
from annotation.content.showing import shown_item, shown_sides
from annotation.models import Assignment, Flag, Judgment, Skip, Unit
from annotation.models.assignment import AssignmentState
from annotation.reasons import shown_reason
from annotation.views.specimen import specimen_screen
from config.http import HtmxRequest, render_screen, wants_fragment


@login_required
@require_safe
def unit(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """The unit as annotators see it, with its systems, and everybody's part in it."""
    principal = Principal.of(request)
    found = unit_for(principal, pk, Action.VIEW_JUDGMENTS)
    context = shown_unit(found)
    if request.GET.get("part") == "specimen" and wants_fragment(request):
        return render(request, "annotation/parts/_unit_specimen.html", context)
    context |= {
        "project": found.batch.project,
        "batch": found.batch,
        "people": people_on(found),
        "flags": Flag.objects.filter(assignment__unit=found)
        .select_related("assignment__annotator", "answered_by")
        .order_by("pk"),
        "skips": [
            {"skip": skip, "reason": shown_reason(skip.reason)}
            for skip in Skip.objects.filter(assignment__unit=found)
            .select_related("assignment__annotator", "answered_by")
            .order_by("pk")
        ],
        "segments": found.item.segments.order_by("name"),
        "manages": can(principal, Action.MANAGE_BATCHES, found.batch.project),
    }
    return render_screen(request, "annotation/unit.html", context)


@login_required
@require_safe
def specimen(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """What the unit's page holds back: raw text, folded parts."""
    found = unit_for(Principal.of(request), pk, Action.VIEW_JUDGMENTS)
    back = reverse("annotation:unit", args=[pk])
    return specimen_screen(request, as_shown(found, len(outputs_of(pk))), back=back)


def as_shown(unit: Unit, outputs: int) -> Assignment:
    """A duty that nobody has, in the canonical order: how the unit is shown to read."""
    assignment: Any = Assignment(
        unit=unit, batch=unit.batch, side_order=list(range(outputs))
    )
    assignment.specimen_url = reverse("annotation:unit-specimen", args=[unit.pk])
    return assignment  # type: ignore[no-any-return]


def shown_unit(unit: Unit) -> dict[str, Any]:
    outputs = outputs_of(unit.pk)
    prefetch_related_objects([row.output for row in outputs], "system")
    assignment = as_shown(unit, len(outputs))
    sides = shown_sides(assignment, outputs)
    for side, row in zip(sides, outputs, strict=True):
        side["output"] = row.output
    return {
        "unit": unit,
        "assignment": assignment,
        "item": shown_item(unit.item, assignment),
        "sides": sides,
        "read_only": True,
    }


def people_on(unit: Unit) -> list[dict[str, Any]]:
    """Everybody who had the unit, with their judgment if there is one."""
    rows = (
        Assignment.objects.filter(unit=unit)
        .select_related("annotator")
        .order_by("submitted_at", "created_at")
    )
    judgments = Judgment.objects.current().filter(assignment__unit=unit)
    by_assignment = dict(judgments.values_list("assignment", "pk"))
    return [
        {
            "assignment": row,
            "state": STATES[AssignmentState(row.state)],
            "judgment": by_assignment.get(row.pk),
        }
        for row in rows
    ]


STATES = {
    AssignmentState.RESERVED: gettext_lazy("set aside"),
    AssignmentState.LEASED: gettext_lazy("in hand"),
    AssignmentState.SUBMITTED: gettext_lazy("judged"),
    AssignmentState.SKIPPED: gettext_lazy("skipped"),
    AssignmentState.EXPIRED: gettext_lazy("ran out"),
    AssignmentState.RELEASED: gettext_lazy("put back"),
}
