"""The judging screen of a rubric before anybody judges by it, with an item to try."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import membership_for
from accounts.models import Project
from accounts.permissions import Action, Principal
from annotation.answers.given import sides_of
from annotation.content.showing import is_empty
from annotation.content.specimens import Look, specimen
from annotation.content.text import as_text, first_words, words_in
from annotation.forms.judgment import JudgmentForm
from config.http import HtmxRequest, render_screen, wants_fragment
from rubrics.access import version_for
from rubrics.forms import RubricEditor
from rubrics.instrument import Instrument, instrument_of
from rubrics.library import library_rubric
from rubrics.lint import hints
from rubrics.models import Kind
from rubrics.sketch import sketched

# The library's items for rubrics that are not from it.
ORDINARY = {1: "rag-answer", 2: "pairwise-preference"}


@login_required
@require_POST
def rubric_preview(request: HtmxRequest, project_id: UUID) -> HttpResponse:
    """What stands in the editor, saved or not; a faulty criterion is left out."""
    principal = Principal.of(request)
    membership = membership_for(principal, project_id, Action.EDIT_RUBRICS)
    editor = RubricEditor.posted(request.POST)
    criteria, left_out = editor.complete()
    instrument = sketched(request.POST.get("name") or _("This draft"), criteria)
    origin = request.POST.get("origin", "")
    return show(request, membership.project, instrument, origin, left_out=left_out)


@login_required
@require_safe
def library_preview(request: HtmxRequest, project_id: UUID, key: str) -> HttpResponse:
    principal = Principal.of(request)
    membership = membership_for(principal, project_id, Action.EDIT_RUBRICS)
    book = library_rubric(key)
    if book is None:
        raise Http404
    return show(request, membership.project, book.instrument, key)


@login_required
@require_safe
def version_preview(request: HtmxRequest, pk: UUID) -> HttpResponse:
    version = version_for(Principal.of(request), pk)
    rubric = version.rubric
    return show(request, rubric.project, instrument_of(version), rubric.origin)


def show(
    request: HtmxRequest,
    project: Project,
    instrument: Instrument,
    origin: str,
    *,
    left_out: Sequence[str] = (),
) -> HttpResponse:
    demo, outputs = what_to_try(instrument, origin)
    texts = [as_text(output) for output in outputs]
    form = JudgmentForm(instrument, range(len(outputs)), stored={}, texts=lambda: texts)
    context = {
        "project": project,
        "instrument": instrument,
        "form": form,
        "item": {
            "content": specimen(demo["input"], Look("", "prompt")),
            "line": first_words(demo["input"], most=400),
        },
        "documents": [
            {"title": one["title"], "content": specimen(one["content"], Look("", "c"))}
            for one in demo.get("context", [])
        ],
        "sides": sides_shown(outputs),
        "hints": hints(instrument),
        "left_out": left_out,
    }
    if not wants_fragment(request):
        return render_screen(request, "annotation/preview.html", context)
    response = render(request, "annotation/parts/_preview.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def what_to_try(
    instrument: Instrument, origin: str
) -> tuple[dict[str, Any], list[Any]]:
    """An item, and as many outputs as the questions need."""
    kinds = {question.kind for question in instrument}
    wanted = 3 if Kind.RANKING in kinds else 2 if instrument.compares else 1
    book = library_rubric(origin)
    if book is None or len(book.demo["outputs"]) < min(wanted, 2):
        book = library_rubric(ORDINARY[min(wanted, 2)])
    assert book is not None
    outputs = book.demo["outputs"]
    return book.demo, [outputs[n % len(outputs)] for n in range(wanted)]


def sides_shown(outputs: list[Any]) -> list[dict[str, Any]]:
    return [
        {
            "side": side,
            "content": specimen(output, Look("", side)),
            "words": words_in(output),
            "is_empty": is_empty(output),
        }
        for side, output in zip(sides_of(len(outputs)), outputs, strict=True)
    ]
