"""A batch's row as acts hold it: locked, at an instant, in the right state."""

from __future__ import annotations

from datetime import datetime

from django.db.models.functions import Now
from django.utils.translation import gettext as _

from annotation.models import Batch, BatchMember
from annotation.models.batch import BatchState


class WrongState(Exception):
    """The act does not fit the batch's state; the message says both."""


def locked(batch: Batch) -> Batch:
    """The batch's row, held; claims that only refer to it do not wait for this."""
    return Batch.objects.select_for_update(no_key=True).get(pk=batch.pk)


def locked_to_change(batch: Batch) -> Batch:
    """The same, of a batch that still changes; raises WrongState."""
    row = locked(batch)
    if row.state == BatchState.ARCHIVED:
        raise WrongState(_("The batch is archived; it does not change any more."))
    return row


def hold_members(batch: Batch) -> list[BatchMember]:
    """Every member's row, held: claims begin with it, so none is under way then."""
    return list(batch.members.select_for_update().order_by("pk"))


def database_now(batch: Batch) -> datetime:
    rows = Batch.objects.filter(pk=batch.pk).annotate(now=Now())
    now: datetime = rows.values_list("now", flat=True)[0]
    return now
