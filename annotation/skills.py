"""Who can judge what: an annotator's skills against a segment of the item."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Lower, Trim

from accounts.models import Membership
from annotation.models import Batch, ItemSegment, Unit
from annotation.models.batch import Strategy


def spellings(skills: Iterable[str]) -> list[str]:
    """What lower() of either database may make of these words, however written.

    SQLite's knows ASCII alone, so letters beyond it stand here in each case.

    >>> spellings([" DE "])
    ['de']
    """
    words = {str(skill).strip() for skill in skills} - {""}
    ways = {way for word in words for way in (word, word.upper(), word.title())}
    ascii_lower = {way.encode().lower().decode() for way in ways}
    return sorted(ascii_lower | {word.lower() for word in words})


def segments_named(batch: Batch) -> QuerySet[Any]:
    """Values of the batch's skill segment, as `word` in the form of `spellings`."""
    segments: QuerySet[Any] = ItemSegment.objects.filter(name=batch.skill_segment)
    found: QuerySet[Any] = segments.annotate(word=Lower(Trim("value")))
    return found


def units_for(units: QuerySet[Unit], batch: Batch, skills: Any) -> QuerySet[Unit]:
    """Those of the units that somebody of these skills may judge; else all of them."""
    if batch.strategy != Strategy.SKILL:
        return units
    fitting = segments_named(batch).filter(word__in=spellings(skills or []))
    return units.filter(Exists(fitting.filter(item=OuterRef("item"))))


def words_by_item(batch: Batch, items: Iterable[int]) -> dict[int, set[str]]:
    """What each of these items asks of who judges it."""
    words: dict[int, set[str]] = defaultdict(set)
    rows = segments_named(batch).filter(item__in=set(items))
    for item_id, word in rows.values_list("item_id", "word"):
        words[item_id].add(word)
    return words


def skills_in(project_id: UUID) -> dict[UUID, list[str]]:
    """The skills of everybody who judges in a project, as `spellings`, by person."""
    judging = Membership.objects.current().judging().filter(project=project_id)
    rows = judging.values_list("user_id", "skills")
    return {user_id: spellings(skills) for user_id, skills in rows}
