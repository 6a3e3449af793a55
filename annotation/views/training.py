"""Before the work, for who does it: the guidelines, the training with its feedback."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import membership_for
from accounts.permissions import Action, Principal
from annotation.access import assignment_for, batch_as_annotator, member_in
from annotation.actions.guidelines import read_guidelines
from annotation.actions.judging import outputs_of
from annotation.actions.training import NoMoreAttempts, repeat_training
from annotation.answers.given import SIDES
from annotation.answers.spoken import spoken
from annotation.before_work.guidelines import changed_lines, guidelines_as_read
from annotation.before_work.marking import Score
from annotation.before_work.training import (
    answered_training,
    marked_answers,
    standing_of,
)
from annotation.content import rendered
from annotation.content.showing import shown_item, shown_sides
from annotation.forms.judgment import JudgmentForm
from annotation.models import Assignment
from annotation.models.batch import Layout
from annotation.models.unit import STAGES, UnitKind
from annotation.progress import progress_of
from annotation.views.judging import go_on
from config.http import HtmxRequest, render_screen
from rubrics.instrument import published_instrument
from rubrics.wording import scale_in_words


@login_required
@require_http_methods(["GET", "POST"])
def welcome(request: HtmxRequest, batch_id: UUID) -> HttpResponse:
    """A batch's first page: what it is, its guidelines and rubric; POST starts."""
    principal = Principal.of(request)
    batch = batch_as_annotator(principal, batch_id)
    member = member_in(batch, principal.user)
    shown = batch.guidelines_changed_at
    as_of = shown.isoformat() if shown else ""
    # Guidelines that changed while they were read are shown once more.
    if request.method == "POST" and request.POST.get("as_of", "") == as_of:
        read_guidelines(member)
        return go_on(request, batch_id)
    before = guidelines_as_read(member)
    sides = range(1 if batch.layout == Layout.SCORING else 2)
    form = JudgmentForm(published_instrument(batch.rubric_version_id), sides, stored={})
    kinds = list(batch.units.filter(kind__in=STAGES).values_list("kind", flat=True))
    context = {
        "batch": batch,
        "member": member,
        "as_of": as_of,
        "guidelines": rendered(batch.guidelines) if batch.guidelines else "",
        "changed": [] if before is None else changed_lines(before, batch.guidelines),
        "form": form,
        "questions": [(group, scale_in_words(group.question)) for group in form.groups],
        "progress": progress_of(batch, principal.user),
        "training": kinds.count(UnitKind.TRAINING),
        "calibration": kinds.count(UnitKind.CALIBRATION),
        "pseudonym": membership_for(
            principal, batch.project_id, Action.VIEW_PROJECT
        ).pseudonym,
    }
    return render_screen(request, "annotation/welcome.html", context)


@login_required
@require_safe
def feedback(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """My answer to a training unit beside what is right; nothing before I answered."""
    principal = Principal.of(request)
    assignment = assignment_for(principal, pk)
    if not assignment.unit.is_training:
        raise Http404
    if not assignment.is_submitted:
        return redirect(assignment)
    member = member_in(assignment.batch, principal.user)
    standing = standing_of(member)
    rows = feedback_rows(assignment)
    outputs = outputs_of(assignment.unit_id)
    context = {
        "assignment": assignment,
        "batch": assignment.batch,
        "item": shown_item(outputs[0].output.item, assignment),
        "sides": shown_sides(assignment, outputs),
        "rows": rows,
        "score": Score.of(row["mark"] for row in rows if row["mark"]),
        "standing": standing,
        "is_last": not standing.is_under_way,
    }
    return render_screen(request, "annotation/training_feedback.html", context)


def feedback_rows(assignment: Assignment) -> list[dict[str, Any]]:
    """Each known answer by the sides that I saw, with what I said and why it is so."""
    order = list(assignment.side_order)
    return [
        {
            "question": one.question,
            "side": ""
            if one.position is None or len(order) == 1
            else SIDES[order.index(one.position)],
            "mine": spoken(one.given, order),
            "known": spoken(one.known, order),
            "mark": one.mark,
            "explanation": one.known.rationale and rendered(one.known.rationale),
        }
        for one in marked_answers(assignment)
    ]


@login_required
@require_http_methods(["GET", "POST"])
def training(request: HtmxRequest, batch_id: UUID) -> HttpResponse:
    """How my training went: on to the work, once more, or waiting; POST repeats."""
    principal = Principal.of(request)
    batch = batch_as_annotator(principal, batch_id)
    if not batch.has_training:
        raise Http404
    if request.method == "POST":
        try:
            repeat_training(batch=batch, user=principal.user)
        except NoMoreAttempts as error:
            messages.error(request, str(error))
            return redirect("annotation:training", batch_id)
        return go_on(request, batch_id)
    context = {
        "batch": batch,
        "standing": standing_of(member_in(batch, principal.user)),
        "answered": answered_training(batch, principal.user),
        "pass_mark": round(100 * (batch.training_pass_mark or 0)),
    }
    return render_screen(request, "annotation/training.html", context)
