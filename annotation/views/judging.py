"""The judging screens: take the next unit, show it, keep drafts, take the judgment."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from accounts.models import User
from accounts.permissions import Principal
from annotation.access import assignment_for, batch_as_annotator
from annotation.actions import judging
from annotation.actions.claiming import (
    BatchNotOpen,
    HeldBack,
    enough_today,
    take_next,
)
from annotation.answers.stored import stored_answers, texts_of
from annotation.content import rendered
from annotation.content.showing import shown_item, shown_sides
from annotation.flags import flags_on
from annotation.forms.judgment import JudgmentForm
from annotation.forms.judgment.blank import blank_questions
from annotation.mine.activity import today_of
from annotation.mine.history import takes_revisions
from annotation.mine.work import to_resume, work_of
from annotation.models import Assignment, Return
from annotation.models.assignment import WAITING, AssignmentState
from annotation.models.flag import FlagKind
from annotation.models.unit import STAGES
from annotation.progress import Progress, progress_of, stage_progress
from annotation.reasons import RAN_OUT, SKIP_REASONS
from annotation.views.keeping import keep_posted, number_or_none, seconds_left
from config.http import HtmxRequest, render_screen, wants_fragment
from rubrics.instrument import published_instrument


@login_required
@require_POST
def next_unit(request: HtmxRequest, batch_id: UUID) -> HttpResponse:
    """Take the next unit of a batch and go to it."""
    batch_as_annotator(Principal.of(request), batch_id)
    return go_on(request, batch_id)


def go_on(request: HtmxRequest, batch_id: UUID) -> HttpResponse:
    """To the next unit: its screen at once where htmx asked, else a redirect."""
    principal = Principal.of(request)
    try:
        assignment = take_next(batch_id=batch_id, principal=principal, guided=True)
    except HeldBack as error:
        return redirect(BEFORE_WORK[error.stage], batch_id)
    except BatchNotOpen as error:
        messages.info(request, str(error))
        assignment = None
    if assignment is not None:
        return go_to(request, assignment)
    address = reverse("annotation:finished", args=[batch_id])
    if not wants_fragment(request):
        return redirect(address)
    return pushed(thanks(request, batch_id), address)


BEFORE_WORK = {
    "guidelines": "annotation:welcome",
    "training": "annotation:training",
    "calibration": "annotation:calibration",
    "day": "annotation:finished",
}


def go_to(request: HtmxRequest, assignment: Assignment) -> HttpResponse:
    if not wants_fragment(request):
        return redirect(assignment)
    screen = show(request, assignment, form_of(assignment))
    return pushed(screen, assignment.get_absolute_url())


def pushed(response: HttpResponse, address: str) -> HttpResponse:
    """The screen of another address than the one that was asked: htmx shows both."""
    response["HX-Push-Url"] = address
    return response


@login_required
@require_safe
def finished(request: HtmxRequest, batch_id: UUID) -> HttpResponse:
    """Nothing is left for me here now: what I did, and where to go."""
    return thanks(request, batch_id)


def thanks(request: HtmxRequest, batch_id: UUID) -> HttpResponse:
    user = Principal.of(request).user
    batch = batch_as_annotator(Principal.of(request), batch_id)
    request.session.pop(SKIPPED, None)
    others = [row for row in work_of(user) if row.batch != batch]
    context = {
        "batch": batch,
        "progress": progress_of(batch, user),
        "today": today_of(user),
        "resume": to_resume(others),
        "enough": enough_today(batch, user, timezone.now()) if batch.is_open else "",
    }
    return render_screen(request, "annotation/finished.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def judge(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """One unit with its rubric: GET shows, POST submits and goes to the next."""
    assignment = assignment_for(Principal.of(request), pk)
    if assignment.unit.is_training and assignment.is_submitted:
        return redirect("annotation:feedback", pk)
    if request.method == "GET":
        if assignment.is_submitted and not may_be_revised(assignment):
            return redirect("annotation:mine-one", pk)
        if is_to_be_held(assignment):
            judging.show(assignment=assignment)
        return show(request, assignment, form_of(assignment))
    form = form_of(assignment, posted=request.POST)
    if not form.is_valid():
        return show(request, assignment, form, status=422)
    try:
        submission = judging.submit_judgment(
            assignment=assignment,
            answers=form.given,
            outputs=judging.output_ids(assignment),
            note=form.note,
            elapsed_ms=elapsed_ms(request.POST.get("elapsed_ms", "")),
            supersedes=uuid_or_none(request.POST.get("supersedes", "")),
        )
    except judging.AlreadySubmitted as error:
        return show(
            request, assignment, form, status=409, strip=JUDGED, at=error.current
        )
    except judging.BatchIsShut as error:
        return show(request, assignment, form, status=409, strip=str(error))
    if assignment.unit.is_training:
        return redirect("annotation:feedback", pk)
    if submission.late:
        messages.warning(request, str(LATE))
    interrupted = interrupted_unit(request, assignment)
    if interrupted is not None:
        return go_to(request, interrupted)
    return go_on(request, assignment.batch_id)


def may_be_revised(assignment: Assignment) -> bool:
    batch = assignment.batch
    stays = judging.why_it_stays(assignment.unit, batch)
    return takes_revisions(batch) and not stays


def interrupted_unit(request: HtmxRequest, revised: Assignment) -> Assignment | None:
    """The unit that an undo led away from, if it still waits for me."""
    pk = uuid_or_none(request.POST.get("back", ""))
    if pk is None:
        return None
    try:
        found = assignment_for(Principal.of(request), pk)
    except Http404:
        return None
    if found.batch_id != revised.batch_id or found.state not in WAITING:
        return None
    if is_to_be_held(found):
        judging.show(assignment=found)
    return found


def is_to_be_held(assignment: Assignment) -> bool:
    """Looking at a unit is work on it: a lease that has run for long starts anew."""
    left = seconds_left(assignment)
    is_new = assignment.opened_at is None
    return is_new or (
        left is not None and left < assignment.batch.lease.total_seconds() / 2
    )


def form_of(assignment: Assignment, *, posted: QueryDict | None = None) -> JudgmentForm:
    """The rubric's questions with what was posted, else with what is stored."""
    return JudgmentForm(
        published_instrument(assignment.batch.rubric_version_id),
        assignment.side_order,
        posted=posted,
        stored=what_is_stored(assignment) if posted is None else None,
        texts=texts_of(assignment),
    )


def show(
    request: HtmxRequest,
    assignment: Assignment,
    form: JudgmentForm,
    *,
    status: int = 200,
    strip: str | Promise = "",
    at: Any = None,
) -> HttpResponse:
    outputs = judging.outputs_of(assignment.unit_id)
    sent = request.POST if request.method == "POST" else request.GET
    current = at
    if current is None and assignment.is_submitted:
        current = assignment.judgments.current().first()
    context = {
        "assignment": assignment,
        "batch": assignment.batch,
        "instrument": form.instrument,
        "form": form,
        "blank": blank_questions(form, assignment.batch.rubric_version_id),
        "item": shown_item(outputs[0].output.item, assignment),
        "sides": shown_sides(assignment, outputs),
        "progress": progress_at(assignment, Principal.of(request).user),
        "stage": stage_at(assignment),
        "skip_reasons": SKIP_REASONS,
        "strip": strip,
        "lapsed": assignment.state in LAPSED,
        "lease": seconds_left(assignment),
        "current": current,
        "skipped": request.session.pop(SKIPPED, False),
        "back": uuid_or_none(sent.get("back", "")) if current else None,
        "flags": flags_on(assignment) if may_be_flagged(assignment) else [],
        "flag_kinds": FlagKind.choices,
        "returned": question_on(assignment) if current else None,
        "has_draft": bool(assignment.draft) and not assignment.is_submitted,
        "guidelines": rendered(assignment.batch.guidelines),
    }
    response = render_screen(request, "annotation/judging.html", context, status=status)
    # What is refused stays at its address: no second entry in the browser's history.
    return response if status == 200 else pushed(response, "false")


def question_on(assignment: Assignment) -> Return | None:
    """What a manager asks about my judgment, until I revise it or reply."""
    returns = Return.objects.waiting().filter(assignment=assignment)
    return returns.select_related("by").first()


def progress_at(assignment: Assignment, user: User) -> Progress:
    """How far I am in the work, or in what comes before it."""
    stage = stage_at(assignment)
    if stage:
        return stage_progress(assignment.batch, user, stage)
    return progress_of(assignment.batch, user)


def stage_at(assignment: Assignment) -> str:
    """Training or calibration; "" in the work itself, where no unit is read for it."""
    if not assignment.batch.has_stages or assignment.unit.kind not in STAGES:
        return ""
    return assignment.unit.kind


def may_be_flagged(assignment: Any) -> bool:
    """The door tells; a unit that was just handed out for the first time is not."""
    told: bool = getattr(assignment, "is_flagged", assignment.lease_epoch > 1)
    return told


SKIPPED = "skipped"  # In the session: the next screen says so, once.
LAPSED = (AssignmentState.EXPIRED, AssignmentState.RELEASED)
JUDGED = gettext_lazy(
    "You had submitted another judgment of this unit, perhaps in another tab. "
    "What you entered here is below: submit again and it takes the other's place."
)
LATE = gettext_lazy(
    "Your judgment is stored. The unit had been given to others meanwhile, "
    "so it counts as extra."
)


def what_is_stored(assignment: Assignment) -> dict[str, Any]:
    """The draft, or the judgment that was submitted, in the API's shape."""
    if not assignment.is_submitted:
        return dict(assignment.draft)
    return stored_answers(assignment)


def elapsed_ms(posted: str) -> int | None:
    """Active time as the screen measured it; None without a script."""
    number = number_or_none(posted)
    return None if number is None else min(number, 2**31 - 1)


def uuid_or_none(posted: str) -> UUID | None:
    try:
        return UUID(posted)
    except ValueError:
        return None


@login_required
@require_POST
def skip(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """Pass over a unit with a reason, or put it at my end, and go to the next."""
    assignment = assignment_for(Principal.of(request), pk)
    chosen = request.POST.get("reason", "").strip()
    words = request.POST.get("words", "").strip()
    reason = f"{chosen} {words}".strip().replace("\x00", "")[:500]
    if "lapsed" in request.POST:  # The judging form itself was sent: keep its fields.
        chosen = reason = RAN_OUT
        with suppress(judging.DraftConflict):
            keep_posted(request, assignment)
    if not chosen:
        messages.error(request, _("Choose a reason, so that the manager can mend it."))
        return go_to(request, assignment)
    later = not {"later", "lapsed"}.isdisjoint(request.POST)
    try:
        judging.skip(assignment=assignment, reason=reason, later=later)
    except judging.BatchIsShut as error:
        messages.error(request, str(error))
        return go_to(request, assignment)
    except judging.AlreadySubmitted:
        messages.info(request, _("You had submitted this unit; it was not skipped."))
    else:
        request.session[SKIPPED] = True
    return go_on(request, assignment.batch_id)
