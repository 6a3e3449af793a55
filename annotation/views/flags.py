"""Flags: raised on a unit, read and answered by the manager, put away when read."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)
from django_htmx.http import retarget

from accounts.permissions import Action, Principal, can
from annotation.access import assignment_for, batch_for, flag_for, own_flag_for
from annotation.actions import flags as actions
from annotation.actions import judging
from annotation.content import first_words
from annotation.flags import (
    flags_of,
    flags_on,
    shown_skips,
    skips_of,
    waiting_by_batch,
)
from annotation.forms.flags import AnswerForm, FlagForm
from annotation.models import Assignment, Batch
from annotation.views.judging import SKIPPED, go_on
from annotation.views.keeping import keep_posted
from config.http import HtmxRequest, render_screen, wants_fragment

PAGE = 25


@login_required
@require_http_methods(["GET", "POST"])
def flag(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """Tell the manager what is wrong with a unit of mine; perhaps skip it as well."""
    assignment = assignment_for(Principal.of(request), pk)
    if "draft_version" in request.POST:
        # Without a script the judging form itself comes here: what it holds is kept.
        with suppress(judging.DraftConflict):
            keep_posted(request, assignment)
        return redirect("annotation:flag", pk)
    form = FlagForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return flag_screen(request, assignment, form)
    try:
        if "skip" in request.POST:
            return flag_and_go_on(request, assignment, form)
        raised = actions.raise_flag(assignment=assignment, **form.cleaned_data)
    except (judging.BatchIsShut, actions.TooManyWords) as error:
        form.add_error(None, str(error))
        return flag_screen(request, assignment, form)
    if wants_fragment(request):
        context = {"flags": flags_on(assignment), "raised": raised.flag}
        return render(request, "annotation/parts/_flag_state.html", context)
    messages.success(request, str(TOLD if raised.is_new else ADDED))
    return redirect(assignment)


TOLD = gettext_lazy("The manager is told. The answer comes to your home page.")
ADDED = gettext_lazy("You had told the manager this; what you wrote is added to it.")


def flag_screen(
    request: HtmxRequest, assignment: Assignment, form: FlagForm
) -> HttpResponse:
    context = {
        "assignment": assignment,
        "batch": assignment.batch,
        "form": form,
        "flags": flags_on(assignment),
        "can_skip": not assignment.is_submitted,
    }
    status = 422 if form.is_bound else 200
    if form.is_bound and wants_fragment(request):
        refused = render(
            request, "annotation/parts/_flag_errors.html", context, status=status
        )
        return retarget(refused, "#flag-errors")
    return render_screen(request, "annotation/flag.html", context, status=status)


def flag_and_go_on(
    request: HtmxRequest, assignment: Assignment, form: FlagForm
) -> HttpResponse:
    try:
        actions.flag_and_skip(assignment=assignment, **form.cleaned_data)
    except judging.AlreadySubmitted:
        actions.raise_flag(assignment=assignment, **form.cleaned_data)
        messages.info(
            request, _("The manager is told. You had submitted it, so it stays judged.")
        )
    else:
        request.session[SKIPPED] = True
    return go_on(request, assignment.batch_id)


@login_required
@require_POST
def seen(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """I have read the answer."""
    actions.put_away(flag=own_flag_for(Principal.of(request), pk))
    return redirect("annotation:home")


@login_required
@require_safe
def flags(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """What annotators told the manager of a batch: flags, and skips with reasons."""
    found = batch_for(Principal.of(request), pk, Action.VIEW_JUDGMENTS)
    return flags_screen(request, found)


def flags_screen(
    request: HtmxRequest,
    batch: Batch,
    refused: tuple[UUID, AnswerForm] | None = None,
) -> HttpResponse:
    shown = request.GET.get("show", "waiting")
    shown = shown if shown in ("waiting", "answered", "skips") else "waiting"
    rows: Any = skips_of(batch) if shown == "skips" else flags_of(batch, shown)
    page: Any = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    listed: list[Any] = (
        shown_skips(page.object_list)
        if shown == "skips"
        else [
            {
                "flag": row,
                "line": first_words(row.assignment.unit.item.input),
                "form": refused[1] if refused and refused[0] == row.pk else None,
            }
            for row in page.object_list
        ]
    )
    context = {
        "project": batch.project,
        "batch": batch,
        "shown": shown,
        "page": page,
        "rows": listed,
        "waiting": waiting_by_batch([batch]).get(batch.pk, 0),
        "can_answer": can(Principal.of(request), Action.MANAGE_BATCHES, batch.project),
    }
    status = 422 if refused else 200
    return render_screen(request, "annotation/flags.html", context, status=status)


@login_required
@require_POST
def answer(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """Answer a flag in its place in the list; an answer is given once."""
    found = flag_for(Principal.of(request), pk, Action.MANAGE_BATCHES)
    batch = found.assignment.batch
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return flags_screen(request, batch, refused=(pk, form))
    try:
        actions.answer_flag(
            flag=found,
            answer=form.cleaned_data["answer"],
            by=Principal.of(request).user,
        )
        messages.success(request, _("Answered. The annotator sees it at home."))
    except actions.AlreadyAnswered as error:
        messages.warning(request, str(error))
    return redirect("annotation:flags", batch.pk)
