"""A batch's training for its manager: what is asked, what is right, who is let in."""

from __future__ import annotations

from collections import defaultdict
from itertools import islice
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.permissions import Action, Principal
from annotation.access import batch_for, found_or_404, stage_unit_for
from annotation.actions import training as actions
from annotation.actions.before_work import subjects_before_work
from annotation.actions.holding import WrongState
from annotation.actions.training import TrainingItem
from annotation.actions.units import (
    Plan,
    Selection,
    fits,
    groups_of,
    selected_outputs,
)
from annotation.answers.given import sides_of
from annotation.answers.scales import shown_value
from annotation.before_work.marking import from_stored, relaxed
from annotation.content import as_text, first_words, rendered
from annotation.forms.before_work import TrainingSettings
from annotation.forms.judgment import JudgmentForm
from annotation.models import Batch, Item, KnownAnswer, Output, Unit, UnitOutput
from annotation.models.batch import BatchState
from annotation.models.unit import UnitKind
from config.api import Refused
from config.http import HtmxRequest, render_screen
from rubrics.instrument import published_instrument

ITEMS_A_PAGE = 20
GROUPS_OF_AN_ITEM = 30


@login_required
@require_http_methods(["GET", "POST"])
def training_set(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """The training's items and its pass mark; POST sets it, or does without one."""
    principal = Principal.of(request)
    batch = batch_for(principal, pk, Action.MANAGE_BATCHES)
    is_draft = batch.state == BatchState.DRAFT
    form = TrainingSettings(
        request.POST if request.method == "POST" else None,
        initial={
            "pass_mark": round(100 * (batch.training_pass_mark or 0)),
            "attempts": batch.training_attempts,
        },
    )
    try:
        if "without" in request.POST:
            actions.drop_training(batch=batch, by=principal.user)
            messages.success(request, _("The batch has no training now."))
            return redirect(batch)
        if form.is_valid():
            actions.change_training(
                batch=batch, by=principal.user, **form.as_arguments()
            )
            messages.success(request, _("The training is set."))
            return redirect("annotation:training-set", pk)
    except WrongState as error:
        messages.error(request, str(error))
        return redirect("annotation:training-set", pk)
    units = Unit.objects.filter(batch=batch, kind=UnitKind.TRAINING)
    context = {
        "project": batch.project,
        "batch": batch,
        "form": form,
        "is_draft": is_draft,
        "units": [
            {"unit": unit, "line": first_words(unit.item.input), "known": unit.known}
            for unit in units_with_known(units)
        ],
    }
    if is_draft:
        context |= candidates(request, batch)
    status = 422 if form.is_bound else 200
    return render_screen(
        request, "annotation/training_set.html", context, status=status
    )


def units_with_known(units: QuerySet[Unit]) -> Any:
    found = units.select_related("item").annotate(known=Count("known_answers"))
    return found.order_by("place", "pk")


def candidates(request: HtmxRequest, batch: Batch) -> dict[str, Any]:
    """A page of the dataset's items, each with what could be asked about it."""
    search = request.GET.get("search", "").strip()
    items = Item.objects.filter(dataset=batch.dataset_id).order_by("pk")
    if search:
        items = items.filter(external_id__icontains=search)
    page = Paginator(items, ITEMS_A_PAGE).get_page(request.GET.get("page"))
    there = subjects_before_work(batch)
    outputs: dict[int, list[Any]] = defaultdict(list)
    listed = selected_outputs(batch, Selection()).filter(item__in=list(page))
    for item_id, *output in listed.values_list(
        "item_id", "pk", "external_id", "revision"
    ):
        outputs[item_id].append(tuple(output))
    rows = [
        {
            "item": item,
            "line": first_words(item.input),
            "groups": [
                {
                    "names": [name for _pk, name, _revision in group],
                    "query": "&".join(f"output={pk}" for pk, _name, _revision in group),
                    "there": there.get(Plan(item.pk, tuple(group)).subject, ""),
                }
                for group in possible_groups(batch, item, outputs[item.pk])
            ],
        }
        for item in page
    ]
    return {"page": page, "rows": rows, "search": search}


def possible_groups(batch: Batch, item: Item, outputs: list[Any]) -> list[Any]:
    """One item's outputs as the layout shows them together."""
    groups = groups_of(outputs, batch, Selection(), item.pk)
    return list(islice(groups, GROUPS_OF_AN_ITEM))


@login_required
@require_http_methods(["GET", "POST"])
def new_item(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """Say what is right about outputs of the dataset, on the judging form itself."""
    batch = batch_for(Principal.of(request), pk, Action.MANAGE_BATCHES)
    outputs = outputs_asked(request, batch)
    if outputs is None:
        messages.error(request, _("Choose the outputs in the list of items."))
        return redirect("annotation:training-set", pk)
    return answer_item(request, batch, outputs, unit=None, stored={})


def outputs_asked(request: HtmxRequest, batch: Batch) -> list[Output] | None:
    """The outputs that the address names; None when they cannot be shown together."""
    sent = request.GET.getlist("output")
    keys = [int(key) for key in sent if key.isdecimal() and len(key) < 19][:30]
    found = Output.objects.filter(dataset=batch.dataset_id).select_related("item")
    by_key = found.in_bulk(keys)
    outputs = [by_key[key] for key in keys if key in by_key]
    is_one_item = len({output.item_id for output in outputs}) == 1
    return outputs if is_one_item and fits(batch.layout, len(outputs)) else None


@login_required
@require_http_methods(["GET", "POST"])
def item(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """Change what is right about a training unit, while the batch is a draft."""
    unit = stage_unit_for(
        Principal.of(request), pk, UnitKind.TRAINING, Action.MANAGE_BATCHES
    )
    rows = unit.unit_outputs.select_related("output__item").order_by("position")
    outputs = [row.output for row in rows]
    stored = known_as_sent(unit, len(outputs))
    return answer_item(request, unit.batch, outputs, unit=unit, stored=stored)


def answer_item(
    request: HtmxRequest,
    batch: Batch,
    outputs: list[Output],
    *,
    unit: Unit | None,
    stored: dict[str, Any],
) -> HttpResponse:
    """The known answers of a unit, or of one to be: GET shows the form, POST stores."""
    principal = Principal.of(request)
    posted = request.POST if request.method == "POST" else None
    form = JudgmentForm(
        relaxed(published_instrument(batch.rubric_version_id)),
        list(range(len(outputs))),
        posted=posted,
        stored=stored,
    )
    faults: list[str] = []
    if form.is_valid():
        sent = TrainingItem(
            outputs=[output.external_id for output in outputs],
            answers=form.sent["answers"],
            explanations=form.sent["rationales"],
        )
        try:
            if unit is None:
                actions.change_training(batch=batch, by=principal.user, items=[sent])
            else:
                actions.change_item(
                    batch=batch, unit=unit, item=sent, by=principal.user
                )
        except Refused as error:
            faults = [fault["message"] for fault in error.errors]
        except WrongState as error:
            faults = [str(error)]
        else:
            messages.success(request, _("The training item is stored."))
            return redirect("annotation:training-set", batch.pk)
    context = {
        "project": batch.project,
        "batch": batch,
        "unit": unit,
        "is_draft": batch.state == BatchState.DRAFT,
        "form": form,
        "faults": faults,
        "instrument": form.instrument,
        "item_name": outputs[0].item.external_id,
        "prompt": rendered(as_text(outputs[0].item.input)),
        "sides": [
            {
                "side": side,
                "name": output.external_id,
                "html": rendered(as_text(output.content)),
            }
            for side, output in zip(sides_of(len(outputs)), outputs, strict=True)
        ],
    }
    status = 422 if form.is_bound else 200
    return render_screen(
        request, "annotation/training_item.html", context, status=status
    )


def known_as_sent(unit: Unit, count: int) -> dict[str, Any]:
    """A unit's known answers in the form's shape, in the unit's own order."""
    instrument = published_instrument(unit.batch.rubric_version_id)
    questions = {question.id: question for question in instrument}
    positions = UnitOutput.objects.positions_in([unit.pk])[unit.pk]
    sides = sides_of(count)
    answers: dict[str, Any] = {}
    rationales: dict[str, Any] = {}
    for row in KnownAnswer.objects.filter(unit=unit):
        question = questions[row.criterion_id]
        known = from_stored(question, None, row.value)
        value = shown_value(known.question, range(count), known)
        if row.output_id is None:
            answers[question.key] = value
            rationales[question.key] = row.explanation
        else:
            side = sides[positions[row.output_id]]
            answers.setdefault(question.key, {})[side] = value
            rationales.setdefault(question.key, {})[side] = row.explanation
    return {"answers": answers, "rationales": rationales}


@login_required
@require_POST
def drop_item(request: HtmxRequest, pk: UUID) -> HttpResponse:
    principal = Principal.of(request)
    unit = stage_unit_for(principal, pk, UnitKind.TRAINING, Action.MANAGE_BATCHES)
    try:
        actions.drop_item(batch=unit.batch, unit=unit, by=principal.user)
        messages.success(request, _("The item is no longer in the training."))
    except WrongState as error:
        messages.error(request, str(error))
    return redirect("annotation:training-set", unit.batch_id)


@login_required
@require_POST
def admission(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """Let an annotator in who did not pass."""
    principal = Principal.of(request)
    batch = batch_for(principal, pk, Action.MANAGE_BATCHES)
    sent = request.POST.get("member", "")
    members = batch.members.select_related("user")
    key = int(sent) if sent.isdecimal() and len(sent) < 19 else 0
    member = found_or_404(members.filter(pk=key))
    try:
        actions.let_in(batch=batch, user=member.user, by=principal.user)
        words = _("%(person)s may begin the work.") % {"person": member.user}
        messages.success(request, words)
    except WrongState as error:
        messages.error(request, str(error))
    return redirect(reverse("annotation:batch", args=[pk]))
