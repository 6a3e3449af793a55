"""The audit trail as sentences for people: who did what to what, in one line each.

A verb without a line of its own is told by its words alone, so nothing is left out.
`%(subject)s` is what the event is about; every other name is one of its facts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from config.spoken import spoken

SENTENCES = {
    "annotator let in": gettext_noop("%(who)s let %(person)s into %(subject)s"),
    "batch archived": gettext_noop("%(who)s archived %(subject)s"),
    "batch closed": gettext_noop("%(who)s closed %(subject)s"),
    "batch created": gettext_noop("%(who)s made %(subject)s with %(units)s units"),
    "batch deleted": gettext_noop("%(who)s deleted the batch %(subject)s"),
    "batch extended": gettext_noop("%(who)s added %(units)s units to %(subject)s"),
    "batch opened": gettext_noop("%(who)s opened %(subject)s"),
    "batch paused": gettext_noop("%(who)s paused %(subject)s"),
    "calibration moved": gettext_noop(
        "%(who)s moved the calibration of %(subject)s to: %(stage)s"
    ),
    "dataset created": gettext_noop("%(who)s made the dataset %(subject)s"),
    "dataset deleted": gettext_noop("%(who)s deleted the dataset %(subject)s"),
    "flag answered": gettext_noop("%(who)s answered a flag on %(subject)s"),
    "gold release downloaded": gettext_noop("%(who)s downloaded gold"),
    "gold release requested": gettext_noop("%(who)s asked for a gold release"),
    "invitation revoked": gettext_noop("%(who)s revoked the invitation of %(email)s"),
    "invitation sent": gettext_noop("%(who)s invited %(email)s"),
    "judgments imported": gettext_noop("%(who)s imported judgments into %(subject)s"),
    "leases released": gettext_noop("%(who)s released %(released)s units in hand"),
    "member added": gettext_noop("%(who)s added %(person)s"),
    "member changed": gettext_noop("%(who)s changed the membership of %(person)s"),
    "member removed": gettext_noop("%(who)s removed %(person)s"),
    "outputs imported": gettext_noop(
        "%(who)s imported outputs: %(created)s new, %(updated)s changed"
    ),
    "project created": gettext_noop("%(who)s made the project"),
    "project renamed": gettext_noop(
        "%(who)s renamed the project from %(before)s to %(after)s"
    ),
    "rubric created": gettext_noop("%(who)s made the rubric %(subject)s"),
    "rubric deleted": gettext_noop("%(who)s deleted the rubric %(subject)s"),
    "rubric drafted": gettext_noop("%(who)s began version %(number)s of a rubric"),
    "rubric published": gettext_noop(
        "%(who)s published version %(number)s of a rubric"
    ),
    "skip answered": gettext_noop("%(who)s answered a skip of %(subject)s"),
    "training changed": gettext_noop("%(who)s changed the training of %(subject)s"),
    "unit given back": gettext_noop("%(who)s gave %(subject)s back to %(person)s"),
    "unit restored": gettext_noop("%(who)s brought %(subject)s back into the work"),
    "unit withdrawn": gettext_noop("%(who)s withdrew %(subject)s"),
    "units reassigned": gettext_noop(
        "%(who)s gave %(moved)s units of %(from)s to %(to)s and freed %(freed)s"
    ),
    "units shared out": gettext_noop(
        "%(who)s shared out %(units)s units of %(subject)s"
    ),
}
CHANGED = gettext_noop("%(who)s changed %(subject)s: %(facts)s")
OTHER = gettext_noop("%(who)s: %(verb)s %(subject)s")


def sentence_of(verb: str, data: Mapping[str, Any]) -> str:
    """The sentence of an event in the reader's language, with places for facts."""
    if verb == "units reassigned" and not data.get("to"):
        return _("%(who)s took %(freed)s units back from %(from)s")
    if verb in SENTENCES:
        return _(SENTENCES[verb])
    if verb.endswith(" changed"):
        return _(CHANGED)
    return _(OTHER).replace("%(verb)s", spoken(verb).replace("%", "%%"))
