"""Flags: raised on a unit, read and answered by the manager, put away when read."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)
from django_htmx.http import retarget

from accounts.models import Project, User
from accounts.permissions import Action, Principal, can
from annotation.access import (
    assignment_for,
    batch_for,
    flag_for,
    own_flag_for,
    project_for,
    skip_for,
)
from annotation.actions import flags as actions
from annotation.actions import judging, skips
from annotation.actions.breaks import NotFree
from annotation.actions.holding import WrongState
from annotation.content import first_words
from annotation.flags import flags_of, flags_on, skips_of
from annotation.forms.flags import AnswerForm, FlagForm
from annotation.models import Assignment, Batch, Flag
from annotation.models.assignment import AssignmentState
from annotation.models.flag import FlagKind
from annotation.reasons import shown_reason
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
    return inbox_screen(request, found)


@login_required
@require_safe
def inbox(request: HtmxRequest, project_id: UUID) -> HttpResponse:
    """The same of every batch of a project."""
    found = project_for(Principal.of(request), project_id, Action.VIEW_JUDGMENTS)
    return inbox_screen(request, found)


LISTS = {
    "waiting": gettext_lazy("Flags"),
    "skips": gettext_lazy("Skips"),
    "answered": gettext_lazy("Answered flags"),
    "answered-skips": gettext_lazy("Answered skips"),
}


def inbox_screen(
    request: HtmxRequest,
    where: Batch | Project,
    refused: tuple[Any, AnswerForm] | None = None,
    shown: str = "",
) -> HttpResponse:
    asked = shown or request.GET.get("show", "")
    shown = asked if asked in LISTS else "waiting"
    kind = request.GET.get("kind", "")
    annotator = request.GET.get("annotator", "").replace("\x00", "")
    state = "answered" if shown.startswith("answered") else "waiting"
    are_flags = shown in ("waiting", "answered")
    rows: Any = flags_of(where, state) if are_flags else skips_of(where, state)
    if are_flags and kind in FlagKind.values:
        rows = rows.filter(kind=kind)
    if annotator:
        rows = rows.filter(assignment__annotator__email__iexact=annotator)
    page: Any = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    project = where.project if isinstance(where, Batch) else where
    people = User.objects.filter(
        batch_memberships__batch__in=[where]
        if isinstance(where, Batch)
        else where.batches.all()
    )
    kept = {"annotator": annotator} if annotator else {}
    context = {
        "project": project,
        "batch": where if isinstance(where, Batch) else None,
        "shown": shown,
        "lists": [
            {
                "name": name,
                "label": label,
                "query": urlencode({"show": name, **kept}),
                "count": waiting_in(where, name),
            }
            for name, label in LISTS.items()
        ],
        "page": page,
        "rows": [one_of(row, refused) for row in page.object_list],
        "kinds": FlagKind.choices if are_flags else [],
        "kind": kind,
        "annotator": annotator,
        "people": people.distinct().order_by("email"),
        "can_answer": can(Principal.of(request), Action.MANAGE_BATCHES, project),
    }
    status = 422 if refused else 200
    return render_screen(request, "annotation/flags.html", context, status=status)


def waiting_in(where: Batch | Project, name: str) -> int | None:
    """How many wait, of the lists that hold what waits."""
    if name == "waiting":
        return flags_of(where, "waiting").count()
    return skips_of(where, "waiting").count() if name == "skips" else None


def one_of(row: Any, refused: tuple[Any, AnswerForm] | None) -> dict[str, Any]:
    """A flag or a skip as the list shows it."""
    unit = row.assignment.unit
    return {
        "told": row,
        "is_flag": isinstance(row, Flag),
        "title": row.get_kind_display()
        if isinstance(row, Flag)
        else shown_reason(row.reason),
        "text": row.text if isinstance(row, Flag) else "",
        "unit": unit,
        "line": unit.item.warning or first_words(unit.item.input),
        "is_waiting": row.answered_at is None,
        "can_give_back": row.assignment.state == AssignmentState.SKIPPED,
        "form": refused[1] if refused and refused[0] == row.pk else None,
    }


@login_required
@require_POST
def answer(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """Answer a flag in its place in the list; an answer is given once."""
    found = flag_for(Principal.of(request), pk, Action.MANAGE_BATCHES)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        where = place_of(request, found.assignment.batch)
        return inbox_screen(request, where, refused=(pk, form), shown="waiting")
    try:
        actions.answer_flag(
            flag=found, by=Principal.of(request).user, **form.cleaned_data
        )
        messages.success(request, told_after(form.cleaned_data))
    except (actions.AlreadyAnswered, NotFree, WrongState) as error:
        messages.warning(request, str(error))
    return back_to_list(request, found.assignment.batch, "waiting")


@login_required
@require_POST
def answer_skip(request: HtmxRequest, pk: int) -> HttpResponse:
    """Answer a skip in its place in the list; an answer is given once."""
    found = skip_for(Principal.of(request), pk, Action.MANAGE_BATCHES)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        where = place_of(request, found.assignment.batch)
        return inbox_screen(request, where, refused=(pk, form), shown="skips")
    try:
        skips.answer_skip(
            skip=found, by=Principal.of(request).user, **form.cleaned_data
        )
        messages.success(request, told_after(form.cleaned_data))
    except (skips.SkipAnswered, NotFree, WrongState) as error:
        messages.warning(request, str(error))
    return back_to_list(request, found.assignment.batch, "skips")


def told_after(sent: dict[str, Any]) -> str:
    """What became of it, in words."""
    if sent["then"] == skips.Then.GIVE_BACK:
        return _("It is set aside for them; it comes before their next unit.")
    if sent["then"] == skips.Then.WITHDRAW:
        return _("The unit is withdrawn: nobody is given it, its judgments stay.")
    if sent["answer"]:
        return _("Answered. The annotator sees it at home.")
    return _("Closed.")


def place_of(request: HtmxRequest, batch: Batch) -> Batch | Project:
    return batch.project if request.POST.get("from") == "project" else batch


def back_to_list(request: HtmxRequest, batch: Batch, shown: str) -> HttpResponse:
    if request.POST.get("from") == "project":
        address = reverse("annotation:inbox", args=[batch.project_id])
    else:
        address = reverse("annotation:flags", args=[batch.pk])
    return redirect(address if shown == "waiting" else f"{address}?show={shown}")
