"""Guidelines: read by an annotator, changed by a manager."""

from __future__ import annotations

from django.db.models.functions import Now

from accounts.models import User
from annotation.actions.holding import database_now
from annotation.models import Batch, BatchMember, GuidelinesChange


def read_guidelines(member: BatchMember) -> None:
    """Note that this annotator has read them as they are."""
    BatchMember.objects.filter(pk=member.pk).update(guidelines_read_at=Now())


def change_guidelines(batch: Batch, guidelines: str, by: User) -> None:
    """Keep what they said, since whoever read that is shown what changed."""
    if guidelines == batch.guidelines:
        return
    now = database_now(batch)
    if batch.members.exclude(guidelines_read_at=None).exists():
        GuidelinesChange.objects.create(
            batch=batch, before=batch.guidelines, at=now, by=by
        )
    batch.guidelines, batch.guidelines_changed_at = guidelines, now
