"""Drafting, publishing, deleting: one draft, one publication, nothing in use lost."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection

from accounts.models import AuditEvent, User
from annotation.models import Batch, Dataset
from rubrics.actions import (
    AlreadyPublished,
    DraftInTheWay,
    EmptyVersion,
    RubricInUse,
    create_version,
    delete_draft,
    delete_rubric,
    fingerprint_of,
    publish,
    save_draft,
)
from rubrics.instrument import instrument_of
from rubrics.models import Rubric, RubricVersion
from rubrics.shape import read_criteria

Criteria = Callable[..., list[dict[str, Any]]]


def at_once(times: int, act: Callable[[], object]) -> list[object]:
    """Run an act in threads that start together; return what each gave or raised."""
    barrier = Barrier(times)
    outcomes: list[object] = []

    def run() -> None:
        barrier.wait()
        try:
            outcomes.append(act())
        except Exception as error:
            outcomes.append(error)
        finally:
            connection.close()

    threads = [Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.mark.django_db(transaction=True)
def test_of_eight_publications_at_once_one_succeeds(
    draft_version: RubricVersion, ada: User
) -> None:
    outcomes = at_once(8, lambda: publish(version=draft_version, by=ada))

    refused = [o for o in outcomes if isinstance(o, AlreadyPublished)]
    published = [o for o in outcomes if isinstance(o, RubricVersion)]
    assert (len(published), len(refused)) == (1, 7)
    assert AuditEvent.objects.filter(verb="rubric published").count() == 1


@pytest.mark.django_db(transaction=True)
def test_drafts_saved_at_once_leave_one_whole_draft(
    rubric_version: RubricVersion, ada: User, criteria: Criteria
) -> None:
    drafts = read_criteria(criteria())
    outcomes = at_once(
        6, lambda: save_draft(rubric=rubric_version.rubric, criteria=drafts, by=ada)
    )

    assert all(isinstance(outcome, RubricVersion) for outcome in outcomes), outcomes
    draft = RubricVersion.objects.get(rubric=rubric_version.rubric, number=2)
    assert [criterion.position for criterion in draft.criteria.all()] == [1, 2, 3]


@pytest.mark.django_db(transaction=True)
def test_a_draft_saved_while_it_is_published_changes_nothing_published(
    draft_version: RubricVersion, ada: User, criteria: Criteria
) -> None:
    shorter = read_criteria(criteria()[:1])
    acts = iter(
        [
            lambda: publish(version=draft_version, by=ada),
            lambda: save_draft(rubric=draft_version.rubric, criteria=shorter, by=ada),
        ]
    )
    outcomes = at_once(2, lambda: next(acts)())

    assert all(isinstance(outcome, RubricVersion) for outcome in outcomes), outcomes
    first = RubricVersion.objects.get(pk=draft_version.pk)
    assert first.is_published
    second = RubricVersion.objects.filter(rubric=first.rubric, number=2).first()
    # Either the draft was saved first and that was published, or the other way round.
    assert first.criteria.count() == (1 if second is None else 3)


def test_an_empty_version_is_not_published(
    draft_version: RubricVersion, ada: User
) -> None:
    draft_version.criteria.all().delete()
    with pytest.raises(EmptyVersion):
        publish(version=draft_version, by=ada)


def test_saving_again_replaces_the_draft(
    draft_version: RubricVersion, ada: User, criteria: Criteria
) -> None:
    shorter = read_criteria(criteria()[:1])
    draft = save_draft(rubric=draft_version.rubric, criteria=shorter, by=ada)
    assert draft == draft_version
    assert [question.key for question in instrument_of(draft)] == ["accuracy"]


def test_another_persons_draft_is_not_overwritten_unseen(
    draft_version: RubricVersion, ada: User, criteria: Criteria
) -> None:
    seen = fingerprint_of(draft_version)
    rubric, drafts = draft_version.rubric, read_criteria(criteria()[:1])
    save_draft(rubric=rubric, criteria=drafts, by=ada, seen=seen)
    with pytest.raises(DraftInTheWay):
        save_draft(rubric=rubric, criteria=drafts, by=ada, seen=seen)
    with pytest.raises(DraftInTheWay):
        save_draft(rubric=rubric, criteria=drafts, by=ada, seen="")


def test_a_published_version_is_read_from_the_database_once(
    rubric_version: RubricVersion, django_assert_num_queries: Any
) -> None:
    instrument_of(rubric_version)
    with django_assert_num_queries(0):
        assert len(list(instrument_of(rubric_version))) == 3


def test_a_rubric_in_use_is_not_deleted(
    rubric_version: RubricVersion, ada: User, criteria: Criteria
) -> None:
    rubric = rubric_version.rubric
    newer = create_version(
        rubric=rubric, criteria=read_criteria(criteria()), by=ada, publish=False
    )
    Batch.objects.create(
        project=rubric.project,
        dataset=Dataset.objects.create(
            project=rubric.project, name="Questions", created_by=ada
        ),
        rubric_version=rubric_version,
        name="Week 1",
        layout="scoring",
        overlap=2,
        created_by=ada,
    )
    with pytest.raises(RubricInUse, match="1 batch"):
        delete_rubric(rubric=rubric, by=ada)
    assert rubric.versions.count() == 2
    assert not AuditEvent.objects.filter(verb="rubric deleted").exists()

    delete_draft(version=newer, by=ada)
    assert rubric.versions.get() == rubric_version


def test_a_rubric_that_nothing_uses_is_deleted_with_its_trail(
    rubric_version: RubricVersion, ada: User
) -> None:
    delete_rubric(rubric=rubric_version.rubric, by=ada)
    assert not Rubric.objects.exists()
    event = AuditEvent.objects.get(verb="rubric deleted")
    assert event.data == {"name": "Helpfulness"}
