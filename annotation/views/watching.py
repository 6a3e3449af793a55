"""A batch for its manager while it runs: its page, the part that is polled, a unit."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Membership, User
from accounts.permissions import Action, Principal, can
from annotation.access import batch_for
from annotation.actions.changing import MOVES as ALLOWED
from annotation.before_work.standings import standings_of
from annotation.content import rendered
from annotation.models import Batch
from annotation.models.batch import SHARED_OUT, BatchState
from annotation.models.flag import FlagKind
from annotation.models.unit import UnitKind
from annotation.reasons import shown_reason
from annotation.versions import newer_version_of
from annotation.views.batches import MOVES
from annotation.watching.activity import activity_in
from annotation.watching.charts import burn_up, times_plot
from annotation.watching.segments import segment_names, segments_in
from annotation.watching.snapshot import Annotator, Snapshot, snapshot_of
from annotation.watching.words import forecast_words
from config.http import HtmxRequest, render_screen
from rubrics.instrument import published_instrument

STOP_POLLING = 286
LATELY = 6
SEGMENT_AT_ONCE = 20_000  # units up to which a segment is counted without being asked


@login_required
@require_safe
def batch(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """How far a batch is, by annotator, and what can be done with it."""
    principal = Principal.of(request)
    found = batch_for(principal, pk, Action.VIEW_JUDGMENTS)
    context = live_context(request, principal, found)
    context |= {
        "newer": newer_version_of(found) if context["manages"] else None,
        "instrument": published_instrument(found.rubric_version_id),
        "guidelines": rendered(found.guidelines) if found.guidelines else "",
        "training_units": found.units.filter(kind=UnitKind.TRAINING).count(),
        "calibration_units": found.units.filter(kind=UnitKind.CALIBRATION).count(),
        "pass_mark": round(100 * (found.training_pass_mark or 0)),
        "moves": [move for move in MOVES if found.state in ALLOWED[move[0]]],
        "can_delete": can_delete(found),
        "lately": activity_in(found, LATELY),
    }
    return render_screen(request, "annotation/batch.html", context)


def can_delete(batch: Batch) -> bool:
    """Nobody judges in it now, and nobody has."""
    resting = batch.state in (BatchState.DRAFT, BatchState.PAUSED, BatchState.CLOSED)
    judged = batch.assignments.filter(judgments__isnull=False)
    return resting and not judged.exists()


@login_required
@require_safe
def live(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """The figures alone, as the page asks for them again and again."""
    principal = Principal.of(request)
    found = batch_for(principal, pk, Action.VIEW_JUDGMENTS)
    context = live_context(request, principal, found)
    # A batch that was closed meanwhile has nothing more to tell.
    status = 200 if context["snapshot"].is_moving else STOP_POLLING
    return render(request, "annotation/parts/_live.html", context, status=status)


def live_context(
    request: HtmxRequest, principal: Principal, batch: Batch
) -> dict[str, Any]:
    snapshot = snapshot_of(batch)
    now = timezone.now()
    names = segment_names(batch)
    asked = request.GET.get("segment", "")
    if asked not in names:
        few = snapshot.counts.units <= SEGMENT_AT_ONCE
        asked = names[0] if names and few else ""
    standings = standings_by_user(batch)
    timed = [(a, a.known.times) for a in snapshot.annotators if a.known.times]
    return {
        "project": batch.project,
        "batch": batch,
        "snapshot": snapshot,
        "counts": snapshot.counts,
        "pace": snapshot.detail.pace,
        "forecast": [_("Not opened yet.")]
        if batch.state == BatchState.DRAFT
        else forecast_words(snapshot.forecast, now),
        "is_late": snapshot.forecast.is_late,
        "burn_up": burn_up(
            snapshot.detail.days, snapshot.counts.required, snapshot.forecast, now
        ),
        "times": times_plot([(str(a.user), times) for a, times in timed if times]),
        "annotators": [
            {"row": row, "before": standings.get(row.user.pk)}
            for row in snapshot.annotators
        ],
        "others": others_for(batch, snapshot.annotators),
        "leases": leases_in(snapshot),
        "flags": flags_by_kind(snapshot),
        "reasons": reasons_in(snapshot),
        "segment": asked,
        "segment_names": names,
        "segments": segments_in(batch, asked) if asked else None,
        "lease_minutes": max(1, round(batch.lease.total_seconds() / 60)),
        "manages": can(principal, Action.MANAGE_BATCHES, batch.project),
        "is_shared_out": batch.strategy in SHARED_OUT,
    }


def standings_by_user(batch: Batch) -> dict[UUID, Any]:
    """How far each is before the work; guidelines alone stand on the member."""
    return {one.member.user_id: one for one in standings_of(batch)}


def others_for(batch: Batch, annotators: list[Annotator]) -> list[User]:
    """Who could take somebody's units over: everybody who judges in the project."""
    if not any(row.has_work or row.active for row in annotators):
        return []
    judging = Membership.objects.current().judging().filter(project=batch.project_id)
    return [one.user for one in judging.select_related("user").order_by("user__email")]


def leases_in(snapshot: Snapshot) -> list[dict[str, Any]]:
    """What is in somebody's hands, with how old it is against the batch's lease."""
    now = timezone.now()
    users = {row.user.pk: row.user for row in snapshot.annotators}
    whole = max(snapshot.batch.lease.total_seconds(), 1)
    return [
        {
            "lease": lease,
            "user": users.get(lease.annotator),
            "is_lapsed": lease.ends < now,
            "age": min(round((now - lease.since).total_seconds()), round(whole * 2)),
            "whole": round(whole),
        }
        for lease in snapshot.detail.leases[:12]
    ]


def flags_by_kind(snapshot: Snapshot) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for kind, _annotator, count, waiting in snapshot.detail.flags:
        row = found.setdefault(
            kind, {"name": FlagKind(kind).label, "count": 0, "waiting": 0}
        )
        row["count"] += count
        row["waiting"] += waiting
    return sorted(found.values(), key=lambda row: -row["count"])


def reasons_in(snapshot: Snapshot) -> list[dict[str, Any]]:
    rows = snapshot.detail.reasons.items()
    return [{"name": shown_reason(why), "count": count} for why, count in rows][:8]
