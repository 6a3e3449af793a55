"""A rubric's questions before anything is answered: rendered once, shown often.

Most units are fresh when they come on a screen, and their questions are then the same
to the letter: a published version never changes. Rendering them is most of a screen's
work, so each process keeps them by version, number of sides and language.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from annotation.forms.judgment import JudgmentForm
from rubrics.instrument import published_instrument

PARTS = "annotation/parts"


@dataclass(frozen=True)
class Questions:
    """Their controls: those about each output, and those about the outputs together."""

    about_outputs: SafeString
    about_all: SafeString


def blank_questions(form: JudgmentForm, version_id: UUID) -> Questions | None:
    """None where something is entered or refused: that is rendered as it is."""
    if form.is_bound or form.sent or form.has_empty_output or settings.DEBUG:
        return None
    return render_questions(version_id, len(form.side_order), get_language())


@lru_cache(maxsize=256)
def render_questions(version_id: UUID, sides: int, language: str | None) -> Questions:
    instrument = published_instrument(version_id)
    form = JudgmentForm(instrument, range(sides), stored={})
    context = {
        "form": form,
        "instrument": instrument,
        "sides": [{"side": side} for side in form.sides],
    }
    about_all = [
        render_to_string(f"{PARTS}/_verdict.html", context | {"group": group})
        for group in form.about_all
    ]
    return Questions(
        render_to_string(f"{PARTS}/_instrument.html", context),
        mark_safe("".join(about_all)),  # noqa: S308  Each came from a template.
    )
