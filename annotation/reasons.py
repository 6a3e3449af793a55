"""Why units are skipped: stored in English, so that skips can be counted by reason."""

from __future__ import annotations

from django.utils.translation import gettext, gettext_noop

from annotation.models.flag import FlagKind

SKIP_REASONS = [
    gettext_noop("I do not know this subject well enough."),
    gettext_noop("The item is broken or empty."),
    gettext_noop("I know who wrote one of the outputs."),
    gettext_noop("Something else."),
]
RAN_OUT = gettext_noop("The time on it ran out.")
FLAGGED_AND_SKIPPED = {
    FlagKind.BROKEN_ITEM: gettext_noop("Flagged: the item is broken."),
    FlagKind.UNCLEAR_RUBRIC: gettext_noop("Flagged: the rubric is unclear here."),
    FlagKind.HARMFUL_CONTENT: gettext_noop("Flagged: the content is harmful."),
    FlagKind.OTHER: gettext_noop("Flagged: something else."),
}


def shown_reason(stored: str) -> str:
    """A stored reason in the reader's language; the person's own words stay."""
    for reason in (*SKIP_REASONS, RAN_OUT, *FLAGGED_AND_SKIPPED.values()):
        if stored == reason or stored.startswith(f"{reason} "):
            return gettext(reason) + stored[len(reason) :]
    return stored
