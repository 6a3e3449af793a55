"""Returns: a judgment sent back to its annotator with a question, and what they say."""

from __future__ import annotations

from django.db import transaction
from django.db.models.functions import Now
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from accounts.models import AuditEvent, User
from annotation.actions.judging import BatchIsShut, lock, refuse_unless, why_it_stays
from annotation.mail import tell_of_return
from annotation.models import Assignment, Return
from annotation.models.batch import BatchState


class NotReturnable(Exception):
    """There is no judgment here that its annotator could look at once more."""


class AlreadyReturned(Exception):
    """A question waits here already; `waiting` holds it."""

    def __init__(self, waiting: Return) -> None:
        super().__init__(
            _("This judgment was returned and waits for its annotator already.")
        )
        self.waiting = waiting


class AlreadySettled(Exception):
    """The annotator revised the judgment or replied before."""


@transaction.atomic
def return_judgment(*, assignment: Assignment, text: str, by: User) -> Return:
    """Ask the annotator to look once more; what they said counts meanwhile.

    The same question again is the one that waits. Raises NotReturnable, BatchIsShut,
    AlreadyReturned.
    """
    row = lock(assignment.pk)
    if not row.is_submitted:
        raise NotReturnable(_("Only a submitted judgment can be returned."))
    refuse_unless(row.batch.state, BatchState.OPEN, BatchState.PAUSED)
    if why_it_stays(row.unit, row.batch):
        raise BatchIsShut(_("What was judged before the work stays as it is."))
    waiting: Return | None = row.returns.waiting().first()
    if waiting is not None:
        if waiting.text == text:
            return waiting
        raise AlreadyReturned(waiting)
    returned = Return(assignment=row, text=text, by=by)
    returned.save(force_insert=True)
    project = row.batch.project
    AuditEvent.objects.record(
        "judgment returned", returned, by=by, project=project, batch=str(row.batch_id)
    )
    tell_of_return(returned)
    return returned


@transaction.atomic
def say_it_stands(*, returned: Return, text: str, by: User) -> Return:
    """The annotator's reply: the judgment stays as it is. The same again is the same.

    Raises AlreadySettled.
    """
    rows = Return.objects.select_for_update(of=("self",))
    found = get_object_or_404(
        rows.select_related("assignment__batch__project"), pk=returned.pk
    )
    if found.settled_at is not None:
        if found.reply == text:
            return found
        raise AlreadySettled(_("This question is settled; what was said stays."))
    Return.objects.filter(pk=found.pk).update(reply=text, settled_at=Now())
    batch = found.assignment.batch
    AuditEvent.objects.record(
        "return replied to", found, by=by, project=batch.project, batch=str(batch.pk)
    )
    return Return.objects.select_related("assignment__batch").get(pk=found.pk)
