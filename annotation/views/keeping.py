"""What the judging screen sends while one judges: drafts, the lease, what comes next.

A script sends these; taking a lapsed unit again works without one too.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.permissions import Principal
from annotation.access import assignment_for
from annotation.actions import judging
from annotation.actions.claiming import BatchNotOpen, NotInBatch
from annotation.actions.leases import prepare_next, take_again
from annotation.answers.given import sides_of
from annotation.content.showing import shown_item, shown_sides
from annotation.forms.judgment import as_sent
from annotation.models import Assignment
from annotation.models.assignment import AssignmentState
from config.http import HtmxRequest
from rubrics.instrument import published_instrument


@login_required
@require_POST
def draft(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """Keep what is entered so far; 409 with the stored version when it is older."""
    assignment = assignment_for(Principal.of(request), pk)
    try:
        saved = keep_posted(request, assignment)
    except judging.DraftConflict as error:
        answer = as_told(error.assignment) | {
            "detail": _("This unit was changed in another tab.")
        }
        return JsonResponse(answer, status=409)
    return JsonResponse(as_told(saved))


def keep_posted(request: HtmxRequest, assignment: Assignment) -> Assignment:
    """Store the posted fields as the draft. Raises DraftConflict."""
    instrument = published_instrument(assignment.batch.rubric_version_id)
    return judging.save_draft(
        assignment=assignment,
        draft=as_sent(instrument, sides_of(len(assignment.side_order)), request.POST),
        version=number_or_none(request.POST.get("draft_version", "")) or 0,
    )


def as_told(assignment: Any) -> dict[str, Any]:
    """What the screen needs to know of the row: its draft's version, and its lease."""
    return {
        "version": assignment.draft_version,
        "state": assignment.state,
        "lease": seconds_left(assignment),
    }


def seconds_left(assignment: Any) -> int | None:
    """How long a lease that can lapse still runs; negative when it is over.

    Without the database's time at hand, the lease was started in this request.
    """
    if assignment.state != AssignmentState.LEASED or assignment.reserved:
        return None
    now = getattr(assignment, "now", None)
    left = assignment.lease_expires_at - now if now else assignment.batch.lease
    return int(left.total_seconds())


@login_required
@require_POST
def lease(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """Start the lease anew; take a unit whose lease lapsed again, if it is free."""
    principal = Principal.of(request)
    assignment = assignment_for(principal, pk)
    problem: str | Promise = ""
    try:
        if "draft_version" in request.POST:  # A form without a script: keep it first.
            with suppress(judging.DraftConflict):
                keep_posted(request, assignment)
        row = take_again(assignment=assignment, principal=principal)
        if not row.holds_slot and not row.is_submitted:
            problem = TAKEN
    except (BatchNotOpen, NotInBatch) as error:
        row, problem = assignment, str(error)
    if request.headers.get("Accept") == "application/json":
        return JsonResponse(as_told(row) | {"detail": str(problem)})
    if problem:
        messages.warning(request, str(problem))
    return redirect(assignment)


TAKEN = gettext_lazy(
    "Somebody else has this item now. You can still submit: it is stored and counts "
    "as extra."
)


@login_required
@require_POST
def following(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """Prepare the unit after this one: claim it for a moment and render its content."""
    principal = Principal.of(request)
    assignment = assignment_for(principal, pk)
    with suppress(BatchNotOpen, NotInBatch):
        prepared = prepare_next(assignment=assignment, principal=principal)
        if prepared is not None:
            outputs = judging.outputs_of(prepared.unit_id)
            shown_item(outputs[0].output.item, prepared)
            shown_sides(prepared, outputs)
    return HttpResponse(status=204)


def number_or_none(posted: str) -> int | None:
    is_number = posted.isascii() and posted.isdigit() and len(posted) <= 12
    return int(posted) if is_number else None
