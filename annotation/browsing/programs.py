"""The same filters for programs: judgments by id, superseded ones with what counts."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet

from annotation.browsing.asked import Asked
from annotation.browsing.conditions import conditions, in_time
from annotation.browsing.rare import rare_ones
from annotation.models import Batch, Judgment
from annotation.models.unit import STAGES
from annotation.rows import judgments_of


def judgments_asked(
    batch: Batch, asked: Asked, stages: Collection[str] = ()
) -> QuerySet[Judgment]:
    """Oldest first: all judgments of assignments on which what counts is as asked."""
    stages = {*stages, *({asked.kind} & set(STAGES))}
    judgments: Any = judgments_of(batch, stages)
    if not asked.pairs:
        return judgments  # type: ignore[no-any-return]
    rows = in_time(batch, asked).filter(*conditions(batch, asked, stages))
    few = rare_ones(batch, asked) if asked.is_selective else None
    if few is not None:
        rows = rows.filter(pk__in=few)
    return judgments.filter(assignment__in=rows)  # type: ignore[no-any-return]
