"""Published versions are frozen by the database itself, whoever writes to it."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from accounts.models import Project, User
from rubrics.actions import delete_rubric, publish, save_draft
from rubrics.models import Criterion, Level, Rubric, RubricVersion
from rubrics.shape import read_criteria

FROZEN = "never changes"


def run(sql: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in sql.split(";"):
            cursor.execute(statement)


COPY_CRITERION = """
    INSERT INTO rubrics_criterion (version_id, key, question, help, target, kind,
        measure, is_ratio, with_strength, required, weight, allow_not_applicable,
        allow_cannot_judge, rationale_rule, evidence, position)
    SELECT version_id, 'other', question, help, target, kind,
        measure, is_ratio, with_strength, required, weight, allow_not_applicable,
        allow_cannot_judge, rationale_rule, evidence, 99
    FROM rubrics_criterion WHERE key = 'accuracy'
"""
COPY_LEVEL = """
    INSERT INTO rubrics_level (criterion_id, value, number, label, anchor, hotkey,
        position)
    SELECT criterion_id, '9', 9, '', '', '', 99
    FROM rubrics_level WHERE anchor = 'A slip.'
"""


@pytest.mark.parametrize(
    "sql",
    [
        COPY_CRITERION,
        COPY_LEVEL,
        "UPDATE rubrics_criterion SET question = 'Another?' WHERE key = 'accuracy'",
        "UPDATE rubrics_level SET anchor = 'Another.' WHERE value = '3'",
        "UPDATE rubrics_rubricversion SET published_at = NULL",
        "UPDATE rubrics_rubricversion SET number = 7",
    ],
    ids=[
        "new criterion",
        "new level",
        "reworded question",
        "reworded anchor",
        "unpublished",
        "renumbered",
    ],
)
def test_nothing_is_added_to_or_changed_in_a_published_version(
    rubric_version: RubricVersion, sql: str
) -> None:
    with pytest.raises(IntegrityError, match=FROZEN):
        run(sql)


def test_a_row_is_not_moved_into_or_out_of_a_published_version(
    rubric_version: RubricVersion, draft_version: RubricVersion
) -> None:
    for source, target in [
        (rubric_version, draft_version),
        (draft_version, rubric_version),
    ]:
        rows = Criterion.objects.filter(version=source, position=1)
        with pytest.raises(IntegrityError, match=FROZEN), transaction.atomic():
            rows.update(version=target, position=50)


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM rubrics_level WHERE value = '3'",
        "DELETE FROM rubrics_criterion WHERE key = 'remark'",
        "DELETE FROM rubrics_level; DELETE FROM rubrics_criterion; "
        "DELETE FROM rubrics_rubricversion",
    ],
    ids=["a level", "a criterion", "a version"],
)
@pytest.mark.django_db(transaction=True)
def test_nothing_is_deleted_from_a_published_version(
    rubric_version: RubricVersion, sql: str
) -> None:
    before = (Criterion.objects.count(), Level.objects.count())

    # Refused when it would become final, not at each statement.
    with pytest.raises(IntegrityError):
        run(sql)

    assert (Criterion.objects.count(), Level.objects.count()) == before
    assert RubricVersion.objects.filter(pk=rubric_version.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_a_rubric_and_a_project_are_deleted_whole(
    rubric_version: RubricVersion, pairwise_version: RubricVersion, ada: User
) -> None:
    project = rubric_version.rubric.project

    delete_rubric(rubric=pairwise_version.rubric, by=ada)
    assert list(Rubric.objects.all()) == [rubric_version.rubric]
    project.delete()

    assert not Rubric.objects.exists()
    assert not Criterion.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM rubrics_torn")
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db(transaction=True)
def test_flushing_the_database_is_possible(rubric_version: RubricVersion) -> None:
    call_command("flush", interactive=False, verbosity=0)
    assert not RubricVersion.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_draft_is_replaced_and_published_in_one_transaction(
    draft_version: RubricVersion, ada: User, criteria: Callable[..., list]
) -> None:
    with transaction.atomic():
        draft = save_draft(
            rubric=draft_version.rubric, criteria=read_criteria(criteria()), by=ada
        )
        publish(version=draft, by=ada)

    draft.refresh_from_db()
    assert draft.is_published


def test_saving_a_published_version_unchanged_is_no_change(
    rubric_version: RubricVersion,
) -> None:
    rubric_version.save()


def test_a_draft_may_be_changed(draft_version: RubricVersion) -> None:
    draft_version.criteria.update(question="Another?")
    Level.objects.filter(criterion__version=draft_version).delete()
    draft_version.criteria.all().delete()
    draft_version.delete()


def test_deleting_a_draft_beside_a_published_version_is_possible(
    rubric_version: RubricVersion, ada: User, project: Project
) -> None:
    save_draft(
        rubric=rubric_version.rubric,
        criteria=read_criteria(
            [{"key": "a", "question": "Right?", "scale": {"kind": "binary"}}]
        ),
        by=ada,
    ).delete()
    connection.check_constraints()


@pytest.mark.django_db(transaction=True)
def test_a_level_sent_while_the_version_is_being_published_is_refused(
    draft_version: RubricVersion, ada: User
) -> None:
    outcome: list[Exception | None] = []

    def add_level() -> None:
        try:
            run(COPY_LEVEL)
            outcome.append(None)
        except Exception as error:
            outcome.append(error)
        finally:
            connection.close()

    late = Thread(target=add_level)
    with transaction.atomic():
        publish(version=draft_version, by=ada)
        late.start()
        late.join(timeout=0.5)
        assert not outcome, "It must wait for the publication to end."
    late.join()

    assert isinstance(outcome[0], IntegrityError)
    assert FROZEN in str(outcome[0])
