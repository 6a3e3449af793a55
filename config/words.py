"""What the scripts say, in the reader's language.

A page carries these once, as JSON; `words("key", {n: 3})` in static/js/app.js reads
them. Keys name the moment, not the wording.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: dict[str, str | Promise] = {
    # static/js/app.js: a request that takes long, a request that failed.
    "still-working": _("Still working…"),
    "slow": _("This takes longer than usual; you can send it again, it counts once."),
    "not-reached": _("Touchstone cannot be reached."),
    "took-too-long": _("Touchstone took too long to answer."),
    "refused": _(
        "This was refused: you may have been signed out in another tab, or your role "
        "does not allow it."
    ),
    "gone": _("What this refers to is not here any more."),
    "too-large": _("This is larger than the server takes."),
    "too-many": _("That was too many requests in a short time; wait a minute."),
    "behind-proxy": _("Touchstone is restarting or too busy to answer."),
    "our-fault": _("Something went wrong on our side."),
    "no-answer": _("The answer was no page of Touchstone's."),
    "not-accepted": _("The request was not accepted."),
    "still-on-this-page": _("What you entered is still on this page."),
    "request-id": _("Request %(id)s."),
    # static/js/judging.js: what is left, the save pill, two versions, lease, breaks.
    "answer-left": _("1 answer left"),
    "answers-left": _("%(n)s answers left"),
    "rationale-left": _("1 rationale left"),
    "rationales-left": _("%(n)s rationales left"),
    "ready": _("Ready to submit"),
    "question-appears": _("1 more question"),
    "questions-appear": _("%(n)s more questions"),
    "question-goes": _("1 question fewer"),
    "questions-go": _("%(n)s questions fewer"),
    "pill-saved": _("Saved"),
    "pill-saving": _("Saving…"),
    "pill-here": _("Kept here until you submit"),
    "pill-offline": _("Offline, kept here"),
    "pill-refused": _("Not saved, kept here"),
    "pill-conflict": _("Conflict"),
    "pill-signed-out": _("Signed out, kept here"),
    "sign-in-beside": _("Sign in in a new tab"),
    "signed-out-submit": _(
        "You are signed out, so this was not stored. What you entered is kept here: "
        "sign in, then submit again."
    ),
    "submit-again": _("Submit again"),
    "never-sent": _(
        "This browser holds work on this item from %(time)s that was never sent. What "
        "is saved is newer."
    ),
    "submitted-elsewhere": _(
        "You submitted this item in another tab, so this draft is not saved."
    ),
    "changed-elsewhere": _(
        "This item was changed in another tab, so the draft here is not saved."
    ),
    "show-submitted": _("Show what you submitted"),
    "reload-theirs": _("Reload theirs"),
    "keep-mine": _("Keep mine"),
    "still-there": _("Still there? Any key keeps this item."),
    "keep-item": _("Keep this item"),
    "take-break": _("Take a break"),
    "break": _("You have worked for %(n)s minutes. A short break does good."),
    "dismiss": _("Dismiss"),
    # js/judging.js, of evidence
    "evidence-left": _("evidence for %(n)s answer left"),
    "evidences-left": _("evidence for %(n)s answers left"),
    # js/judging.js, of a number that the server would refuse
    "number-low": _("Less than %(low)s: this does not count yet."),
    "number-high": _("More than %(high)s: this does not count yet."),
    "number-step": _("Not in steps of %(step)s: this does not count yet."),
    "number-bad": _("Not a number: this does not count yet."),
    # js/judging.js, of keys
    "no-rationale": _("This question takes no rationale; this is the note."),
    "context-open": _("The context is open."),
    "context-closed": _("The context is closed."),
    # js/ranking.js
    "rank-order": _("Order, best first"),
    "rank-help": _(
        "Drag, or choose an output: `1`–`9` gives its place, `[` `]` move it, `=` ties "
        "it with the one before."
    ),
    "rank-help-touch": _(
        "Drag, or use the buttons: “=” ties an output with the one before."
    ),
    "rank-not-yet": _("No place yet:"),
    "rank-better": _("Output %(side)s one place better"),
    "rank-worse": _("Output %(side)s one place worse"),
    "rank-tie": _("Tie output %(side)s with the one before, or end the tie"),
    "rank-side": _("Output %(side)s, place %(place)s"),
    "rank-side-tied": _("Output %(side)s, place %(place)s, tied"),
    "rank-side-open": _("Output %(side)s, no place yet: press to put it last"),
    "rank-now": _("Output %(side)s has place %(place)s of %(count)s."),
    "rank-tied": _("It is tied with %(sides)s."),
    "rank-open": _("No place yet: %(sides)s."),
    # js/spans.js
    "evidence-hint": _(
        "Select words in the output, or go by sentence with `[` `]`; `h` marks them."
    ),
    "evidence-hint-touch": _("Select words in the output to mark them."),
    "evidence-for": _("Evidence for “%(about)s”"),
    "evidence-marked": _("Marked for “%(about)s”: %(quote)s"),
    "evidence-removed": _("The mark was removed."),
    "evidence-remove": _("Remove this mark"),
    "evidence-show": _("Show it in the output"),
    "evidence-most": _("At most %(n)s passages can be marked for an answer."),
    "evidence-no-words": _("There are no words of the output in this selection."),
    "evidence-choose-first": _(
        "Select words in the output first, or go to a sentence with the bracket keys."
    ),
}


def words(request: HttpRequest) -> dict[str, Callable[[], dict[str, str]]]:
    """Context processor: `script_words`, called by a page and by no fragment."""
    return {"script_words": spoken_words}


def spoken_words() -> dict[str, str]:
    """The words in the language of now."""
    return {key: str(text) for key, text in WORDS.items()}
