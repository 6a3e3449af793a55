"""Which versions of a rubric ask the same: answers to one are answers to the other.

Two published versions are comparable when nothing between the two is breaking. They
are compared with each other and not along a chain: what was changed and changed back
is the same again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace
from functools import lru_cache
from uuid import UUID

from rubrics.changes import Change, compare_versions
from rubrics.instrument import Instrument, Question, published_instrument
from rubrics.models import RubricVersion


def comparable_versions(version_id: UUID) -> frozenset[UUID]:
    """The published versions with which this one is comparable, and itself."""
    return comparable_among(version_id, published_with(version_id))


def instrument_across(version_id: UUID) -> Instrument:
    """The version, knowing the rows of its criteria in every comparable one."""
    return read_across(version_id, published_with(version_id))


def instruments_across(version_ids: Iterable[UUID]) -> dict[UUID, Instrument]:
    """The same of several versions, by one query."""
    rubrics = {pk: published_instrument(pk).rubric_id for pk in set(version_ids)}
    published = published_of(set(rubrics.values()))
    return {pk: read_across(pk, published[rubrics[pk]]) for pk in rubrics}


def are_comparable(one: UUID, other: UUID) -> bool:
    """Of two published versions of one rubric."""
    return not breaking_between(one, other)


def breaking_between(one: UUID, other: UUID) -> list[Change]:
    """What changed from the earlier to the later so that they ask another thing."""
    found = sorted(map(published_instrument, (one, other)), key=lambda it: it.number)
    return [change for change in compare_versions(*found) if change.is_breaking]


def published_with(version_id: UUID) -> frozenset[UUID]:
    rubric_id = published_instrument(version_id).rubric_id
    return published_of({rubric_id})[rubric_id]


def published_of(rubric_ids: Collection[UUID]) -> dict[UUID, frozenset[UUID]]:
    """Asked of the database each time: another process may have published since."""
    found: dict[UUID, set[UUID]] = defaultdict(set)
    versions = RubricVersion.objects.published().filter(rubric__in=rubric_ids)
    for rubric_id, pk in versions.values_list("rubric_id", "pk"):
        found[rubric_id].add(pk)
    return {rubric_id: frozenset(pks) for rubric_id, pks in found.items()}


@lru_cache(maxsize=512)
def comparable_among(version_id: UUID, published: frozenset[UUID]) -> frozenset[UUID]:
    return frozenset(
        other
        for other in published
        if other == version_id or are_comparable(version_id, other)
    )


@lru_cache(maxsize=512)
def read_across(version_id: UUID, published: frozenset[UUID]) -> Instrument:
    instrument = published_instrument(version_id)
    others = comparable_among(version_id, published) - {version_id}
    if not others:
        return instrument
    # In one order, so that equal instruments are equal in every process.
    found = [published_instrument(other) for other in sorted(others)]
    questions = tuple(known_across(question, found) for question in instrument)
    by_key = {question.key: question for question in questions}
    return replace(instrument, questions=questions, by_key=by_key)


def known_across(question: Question, others: list[Instrument]) -> Question:
    same = [other.by_key[question.key] for other in others]
    return replace(
        question,
        elsewhere=tuple(one.id for one in same),
        steps_elsewhere=tuple(
            (step.id, step.code) for one in same for step in one.steps
        ),
    )
