"""Flags: what an annotator tells the manager beside the work, and the answer."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models.functions import Now
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from accounts.models import AuditEvent, User
from annotation.actions.holding import locked_to_change
from annotation.actions.judging import TAKES_WORK, BatchIsShut, lock, skip
from annotation.actions.skips import follow, is_done
from annotation.answers.given import MAX_TEXT
from annotation.models import Assignment, Flag
from annotation.models.flag import FlagKind
from annotation.reasons import FLAGGED_AND_SKIPPED
from config.deadlock import tried_again


class TooManyWords(Exception):
    """The flag's words are longer than a text may be; the message says so."""


class AlreadyAnswered(Exception):
    """Somebody answered this flag before; `flag` holds what they said."""

    def __init__(self, flag: Flag) -> None:
        super().__init__(_("This flag is answered; an answer stays as it was given."))
        self.flag = flag


@dataclass(frozen=True)
class Raised:
    """A flag that waits for its answer. `is_new`: it did not before."""

    flag: Flag
    is_new: bool


@tried_again
@transaction.atomic
def raise_flag(*, assignment: Assignment, kind: str, text: str = "") -> Raised:
    """Tell the manager what is wrong with a unit; it neither submits nor skips.

    While a flag of this kind waits, raising it again is the same flag: new words are
    added to it. Raises BatchIsShut, TooManyWords.
    """
    row = lock(assignment.pk)
    if row.batch.state not in TAKES_WORK:
        raise BatchIsShut(_("This batch is archived; nobody answers flags in it now."))
    flag = row.flags.waiting().filter(kind=kind).first()
    if flag is None:
        flag = Flag(assignment=row, kind=kind, text=within_limits(text))
        flag.save(force_insert=True)
        return Raised(flag, is_new=True)
    if text and text not in flag.text:
        flag.text = within_limits(f"{flag.text}\n\n{text}".strip())
        flag.save(update_fields=["text"])
    return Raised(flag, is_new=False)


def within_limits(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise TooManyWords(
            _("A flag's words may have %(limit)s characters; make them shorter.")
            % {"limit": f"{MAX_TEXT:,}"}
        )
    return text


@tried_again
@transaction.atomic
def flag_and_skip(*, assignment: Assignment, kind: str, text: str = "") -> Raised:
    """Both or neither. Raises what raising a flag and skipping raise."""
    raised = raise_flag(assignment=assignment, kind=kind, text=text)
    skip(assignment=assignment, reason=FLAGGED_AND_SKIPPED[FlagKind(kind)])
    return raised


@tried_again
@transaction.atomic
def answer_flag(*, flag: Flag, answer: str, by: User, then: str = "") -> Flag:
    """Answer once, or close it without words; the same again gives what is stored.

    Raises AlreadyAnswered, NotFree, WrongState; then nothing is changed.
    """
    if then:
        locked_to_change(flag.assignment.batch)
    flags = Flag.objects.select_for_update(of=("self",))
    found = get_object_or_404(
        flags.select_related("assignment__batch__project", "assignment__unit__item"),
        pk=flag.pk,
    )
    if not found.is_waiting:
        if found.answer == answer and is_done(found.assignment, then):
            return found
        raise AlreadyAnswered(found)
    follow(found.assignment, then, by=by, reason=answer or found.get_kind_display())
    Flag.objects.filter(pk=found.pk).update(
        answer=answer, answered_at=Now(), answered_by=by
    )
    batch = found.assignment.batch
    AuditEvent.objects.record(
        "flag answered", found, by=by, project=batch.project, batch=str(batch.pk)
    )
    return Flag.objects.get(pk=found.pk)


def put_away(*, flag: Flag) -> None:
    """The annotator has read the answer: home shows it no longer."""
    Flag.objects.unseen().filter(pk=flag.pk).update(seen_at=Now())
