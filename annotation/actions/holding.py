"""A batch's row as acts hold it: locked, at an instant, in the right state."""

from __future__ import annotations

from datetime import datetime

from django.db.models.functions import Now

from annotation.models import Batch


class WrongState(Exception):
    """The act does not fit the batch's state; the message says both."""


def locked(batch: Batch) -> Batch:
    """The batch's row, held; claims that only refer to it do not wait for this."""
    return Batch.objects.select_for_update(no_key=True).get(pk=batch.pk)


def database_now(batch: Batch) -> datetime:
    rows = Batch.objects.filter(pk=batch.pk).annotate(now=Now())
    now: datetime = rows.values_list("now", flat=True)[0]
    return now
