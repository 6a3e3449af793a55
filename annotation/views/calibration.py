"""The calibration round: judged by all, then seen and discussed by all, then closed."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Action, Principal, can
from annotation.access import batch_as_annotator, batch_for, stage_unit_for
from annotation.actions.calibration import add_comment, move_calibration
from annotation.actions.holding import WrongState
from annotation.agreement import measure_batch
from annotation.answers.given import Fault
from annotation.before_work.discussion import discussed_units, has_judged
from annotation.before_work.standings import Standings, standings_of
from annotation.charts import interval_plot
from annotation.forms.before_work import CommentForm
from annotation.models import Assignment, Batch
from annotation.models.batch import Stage
from annotation.models.unit import UnitKind
from annotation.progress import stage_progress
from config.http import HtmxRequest, render_screen


@login_required
@require_safe
def calibration(request: HtmxRequest, batch_id: UUID) -> HttpResponse:
    """The round as its reader may see it: waiting, the spread, or that it is over."""
    principal = Principal.of(request)
    batch = batch_for(principal, batch_id, Action.VIEW_PROJECT)
    manages = can(principal, Action.MANAGE_BATCHES, batch.project)
    if not manages:
        batch_as_annotator(principal, batch_id)
    if not batch.has_calibration:
        raise Http404
    standings = [one for one in standings_of(batch) if one.member.active]
    units = batch.units.filter(kind=UnitKind.CALIBRATION).count()
    shows = manages or batch.is_discussed
    context = {
        "project": batch.project,
        "batch": batch,
        "manages": manages,
        "stage": batch.calibration_stage,
        "units": units,
        "mine": stage_progress(batch, principal.user, UnitKind.CALIBRATION),
        "standings": standings if manages else [],
        "people": len(standings),
        "finished": how_many_are_done(standings, units),
        "shows": shows,
        "form": CommentForm(),
        "moves": moves_of(batch) if manages else [],
    }
    if shows:
        measured = measure_batch(batch, kind=UnitKind.CALIBRATION)
        context |= {
            "discussed": discussed_units(batch, principal.user, sees_all=manages),
            "agreement": measured,
            "plot": interval_plot(measured.criteria),
        }
    return render_screen(request, "annotation/calibration.html", context)


def how_many_are_done(standings: list[Standings], units: int) -> int:
    return sum(one.calibrated >= units for one in standings)


def moves_of(batch: Batch) -> list[tuple[str, str]]:
    """What a manager can do with the round now."""
    stage = batch.calibration_stage
    if stage == Stage.OPEN:
        return [
            (Stage.DISCUSSION, _("Open the discussion")),
            (Stage.CLOSED, _("Close the round without one")),
        ]
    if stage == Stage.DISCUSSION:
        return [(Stage.CLOSED, _("Close the round"))]
    return [(Stage.DISCUSSION, _("Open the discussion again"))]


@login_required
@require_POST
def move(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """Open the discussion, or close the round."""
    principal = Principal.of(request)
    batch = batch_for(principal, pk, Action.MANAGE_BATCHES)
    to = request.POST.get("stage", "")
    if to not in Stage.values:
        messages.error(request, _("Choose what the round should become."))
        return redirect("annotation:calibration", pk)
    try:
        move_calibration(batch=batch, to=to, by=principal.user)
    except WrongState as error:
        messages.error(request, str(error))
    else:
        messages.success(request, str(SAID[Stage(to)]))
    return redirect("annotation:calibration", pk)


SAID = {
    Stage.OPEN: gettext_lazy("The calibration items are judged now."),
    Stage.DISCUSSION: gettext_lazy(
        "The discussion is open: every annotator sees the spread now."
    ),
    Stage.CLOSED: gettext_lazy("The round is closed, and the work is open."),
}


@login_required
@require_POST
def comment(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """Say something about a unit whose spread I see."""
    principal = Principal.of(request)
    unit = stage_unit_for(principal, pk, UnitKind.CALIBRATION, Action.VIEW_PROJECT)
    address = reverse("annotation:calibration", args=[unit.batch_id])
    if not can(principal, Action.MANAGE_BATCHES, unit.batch.project):
        batch_as_annotator(principal, unit.batch_id)
        mine = Assignment.objects.filter(unit=unit, annotator=principal.user).first()
        if not has_judged(mine):
            raise PermissionDenied(_("Judge this item before you discuss it."))
    form = CommentForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("The comment was not added; it needs some words."))
        return redirect(f"{address}#unit-{unit.pk}")
    try:
        add_comment(unit=unit, by=principal.user, text=form.cleaned_data["text"])
    except (WrongState, Fault) as error:
        messages.error(request, str(error))
        return redirect(address)
    return redirect(f"{address}#unit-{unit.pk}")
