"""The manager's view of judgments: a batch's, filtered and paged, and one in full."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.permissions import Action, Principal, can
from annotation.access import batch_for, judgment_for
from annotation.actions.judging import outputs_of
from annotation.browsing.asked import Asked, read_asked
from annotation.browsing.chips import chips_of, choices
from annotation.browsing.columns import columns_of
from annotation.browsing.record import History, neighbours, others_on, skips_on
from annotation.browsing.records import KINDS, SOURCES, clock, records_of
from annotation.browsing.walking import Page, Walk, place_read, place_written
from annotation.content.showing import shown_item, shown_sides
from annotation.flags import flags_on
from annotation.forms.returns import ReturnForm
from annotation.mine.history import takes_revisions
from annotation.models import Assignment, Judgment, Return
from annotation.views.specimen import specimen_screen
from config.http import HtmxRequest, render_screen
from rubrics.comparable import instrument_across


@login_required
@require_safe
def judgments(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """The judgments of a batch as its address asks: 50, and where more are."""
    batch = batch_for(Principal.of(request), pk, Action.VIEW_JUDGMENTS)
    asked = read_asked(batch, with_ranges(request.GET))
    if "filter" in request.GET:  # The form was sent: to an address that can be shared.
        query = asked.query()
        address = reverse("annotation:judgments", args=[pk])
        return redirect(f"{address}?{query}" if query else address)
    instrument = instrument_across(batch.rubric_version_id)
    columns = columns_of(instrument, request.GET)
    newest_first = request.GET.get("order") != "oldest"
    before = request.GET.get("before", "")
    page = Page([], None)
    if not asked.faults:
        page = Walk(batch, asked, newest_first, after=place_read(before)).page()
    offered = choices(batch, instrument)
    context = {
        "project": batch.project,
        "batch": batch,
        "asked": asked,
        "query": asked.query(),
        "chips": chips_of(asked, instrument, offered["people"]),
        "offered": offered,
        "columns": columns,
        "records": records_of(batch, page.ids, columns, asked),
        "page": page,
        "more": page.next and asked.query(before=place_written(page.next)),
        "is_later_page": bool(before),
        "newest_first": newest_first,
        "turned": turned(asked, newest_first=newest_first),
        "cleared": urlencode(asked.view),
        "files": [
            (label, reverse(f"api:judgments-{extension}", args=[pk]))
            for extension, label in FILES
        ],
        "filters": urlencode(asked.pairs),
    }
    status = 422 if asked.faults else 200
    return render_screen(request, "annotation/judgments.html", context, status=status)


FILES = (("ndjson", "JSON Lines"), ("csv", "CSV"), ("xlsx", "Excel"))


def with_ranges(params: QueryDict) -> QueryDict:
    """The form's two fields of a number, low and high, as one filter of its answer."""
    found = params.copy()
    for name in params:
        end, _dot, key = name.partition(".")
        if end not in ("low", "high") or not key:
            continue
        low, high = (params.get(f"{one}.{key}", "").strip() for one in ("low", "high"))
        if (low or high) and end == ("low" if f"low.{key}" in params else "high"):
            found.appendlist("answer", f"{key}:{low}..{high}")
    return found


def turned(asked: Asked, *, newest_first: bool) -> str:
    """The same page in the other order of time."""
    view = [one for one in asked.view if one[0] != "order"]
    order = [("order", "oldest")] if newest_first else []
    return urlencode([*asked.pairs, *order, *view])


@login_required
@require_safe
def judgment(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """One judgment in full, with the way to those beside it in the same filter."""
    found = judgment_for(Principal.of(request), pk, Action.VIEW_JUDGMENTS)
    return judgment_screen(request, found, ReturnForm())


def judgment_screen(
    request: HtmxRequest, found: Judgment, form: ReturnForm, status: int = 200
) -> HttpResponse:
    assignment, batch = seen_by_manager(found), found.assignment.batch
    asked = read_asked(batch, request.GET)
    if asked.faults:
        asked = Asked(view=asked.view)
    newest_first = request.GET.get("order") != "oldest"
    outputs = outputs_of(assignment.unit_id)
    history = History.of(assignment)
    returns = list(
        Return.objects.filter(assignment=assignment).select_related("by").order_by("pk")
    )
    waits = any(one.settled_at is None for one in returns)
    stays = assignment.unit.is_training or assignment.unit.is_calibration
    context = {
        "project": batch.project,
        "batch": batch,
        "judgment": found,
        "assignment": assignment,
        "instrument": history.instrument,
        "item": shown_item(outputs[0].output.item, assignment),
        "sides": shown_sides(assignment, outputs),
        "outputs": [history.refs[n] for n in assignment.side_order],
        "said": history.said(found),
        "revisions": history.revisions(),
        "elapsed": found.elapsed_ms is not None and clock(found.elapsed_ms),
        "source": SOURCES[found.source](),
        "kind": KINDS[assignment.unit.kind](),
        "pseudonym": pseudonym_of(assignment),
        "flags": flags_on(assignment),
        "skips": skips_on(assignment),
        "returns": returns,
        "others": others_on(assignment),
        "form": form,
        "can_return": takes_revisions(batch)
        and not waits
        and not stays
        and found.superseded_at is None
        and can(Principal.of(request), Action.MANAGE_BATCHES, batch.project),
        "beside": neighbours(batch, asked, assignment, newest_first=newest_first),
        "query": asked.query(),
        "read_only": True,
    }
    return render_screen(request, "annotation/judgment.html", context, status=status)


def seen_by_manager(judgment: Judgment) -> Assignment:
    """The assignment, whose folded parts are fetched through the manager's door."""
    assignment: Any = judgment.assignment
    assignment.specimen_url = reverse(
        "annotation:judgment-specimen", args=[judgment.pk]
    )
    found: Assignment = assignment
    return found


def pseudonym_of(assignment: Assignment) -> str:
    members = assignment.batch.project.memberships.filter(user=assignment.annotator_id)
    return members.values_list("pseudonym", flat=True).first() or ""


@login_required
@require_safe
def specimen(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """A part of what the annotator saw, or all of it, for the manager."""
    found = judgment_for(Principal.of(request), pk, Action.VIEW_JUDGMENTS)
    back = reverse("annotation:judgment", args=[pk])
    return specimen_screen(request, seen_by_manager(found), back=back)
