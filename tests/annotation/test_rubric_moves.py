"""A batch goes on with another version of its rubric, where that asks the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEvent, User
from accounts.permissions import Principal
from annotation.access import assignment_for
from annotation.actions.changing import move_batch
from annotation.actions.holding import WrongState
from annotation.actions.judging import BatchIsShut, output_ids, submit_judgment
from annotation.actions.moving import move_batch_to_version
from annotation.agreement import measure_batch
from annotation.answers.reading import read_answers
from annotation.before_work.training import marked_answers
from annotation.invariants import violations
from annotation.mine.history import latest
from annotation.models import Answer, Assignment, Batch, Dataset, KnownAnswer
from annotation.rows import judgments_of, rows_of
from annotation.versions import newer_version_of
from config.api import Refused
from exports.models import GoldRelease
from rubrics.comparable import comparable_versions, instrument_across
from rubrics.instrument import published_instrument
from rubrics.models import RubricVersion
from tests.annotation.before_work import RIGHT, judge, kind_of, submit
from tests.annotation.queries import queries_of
from tests.annotation.screen import GOOD, text
from tests.annotation.versions import next_version, rescaled, reworded

__all__ = ["rescaled", "reworded"]

pytestmark = pytest.mark.django_db

NewVersion = Callable[..., RubricVersion]


def test_versions_are_comparable_while_nothing_between_them_is_breaking(
    rubric_version: RubricVersion, reworded: RubricVersion, rescaled: RubricVersion
) -> None:
    alike = {rubric_version.pk, reworded.pk}
    assert comparable_versions(rubric_version.pk) == alike
    assert comparable_versions(reworded.pk) == alike
    assert comparable_versions(rescaled.pk) == {rescaled.pk}


def test_a_version_published_later_is_known_at_once(
    rubric_version: RubricVersion, ada: User
) -> None:
    (alone,) = {len(q.elsewhere) for q in instrument_across(rubric_version.pk)}
    next_version(rubric_version.rubric, ada, help="Look it up.")
    (beside,) = {len(q.elsewhere) for q in instrument_across(rubric_version.pk)}
    assert (alone, beside) == (0, 1)


def test_what_was_changed_back_is_comparable_again(
    rubric_version: RubricVersion, rescaled: RubricVersion, ada: User
) -> None:
    back = next_version(rescaled.rubric, ada)
    assert rubric_version.pk in comparable_versions(back.pk)
    assert rescaled.pk not in comparable_versions(back.pk)


# --- Moving ---------------------------------------------------------------------------


def test_a_judged_batch_goes_on_with_other_words_and_all_judgments_count(
    open_batch: Batch,
    reworded: RubricVersion,
    ada: User,
    ben: User,
    cleo: User,
    claim: Any,
) -> None:
    judge(ben, open_batch)
    held = claim(ben, open_batch)  # Shown in the old words, answered after the move.
    before = newer_version_of(open_batch)
    move_batch_to_version(batch=open_batch, version=reworded, by=ada)
    submit(ben, held, RIGHT)
    judge(cleo, open_batch)

    assert (before, newer_version_of(open_batch)) == (reworded, None)
    assert list(violations()) == []
    versions = set(Answer.objects.values_list("criterion__version__number", flat=True))
    assert versions == {1, 2}
    rows = rows_of(open_batch, list(judgments_of(open_batch)), identities=False)
    assert [row["answers"]["accuracy"].popitem()[1] for row in rows] == [4, 4, 4]
    accuracy = measure_batch(open_batch).criteria[0].measured
    assert accuracy is not None
    assert (accuracy.ratings, accuracy.annotators) == (3, 2)
    event = AuditEvent.objects.get(verb="batch moved to another version")
    assert (event.data["before"], event.data["after"]) == (1, 2)


def test_a_judgment_of_before_is_shown_and_revised_after(
    ben_s_browser: Client,
    open_batch: Batch,
    reworded: RubricVersion,
    ada: User,
    ben: User,
) -> None:
    mine = judge(ben, open_batch)
    move_batch_to_version(batch=open_batch, version=reworded, by=ada)
    address = mine.get_absolute_url()
    page = text(ben_s_browser.get(address))
    assert "Are all claims true?" in page
    assert 'name="answer-accuracy-A" value="4" data-key="4" checked' in page.replace(
        ' aria-describedby="anchor-accuracy-4"', ""
    ).replace(" data-why", "")
    current = mine.judgments.get().pk
    sent = GOOD | {"answer-accuracy-A": "5", "supersedes": str(current)}
    assert ben_s_browser.post(address, sent).status_code == 302
    assert latest(ben)[0].answers[0].value == "5"
    assert list(violations()) == []


def test_a_calibrated_and_trained_batch_moves_with_what_is_right(
    staged_batch: Batch,
    trained_assignment: Assignment,
    reworded: RubricVersion,
    ada: User,
    ben: User,
    claim: Any,
) -> None:
    move_batch_to_version(batch=staged_batch, version=reworded, by=ada)
    mine = Assignment.objects.select_related("batch", "unit").get(
        pk=trained_assignment.pk
    )
    assert {one.mark for one in marked_answers(mine)} == {"right"}
    known = set(KnownAnswer.objects.values_list("criterion__version", flat=True))
    assert known == {reworded.pk}
    assert kind_of(claim(ben, staged_batch)) == "calibration"


def test_a_breaking_version_is_refused_once_something_is_judged(
    open_batch: Batch, rescaled: RubricVersion, ada: User, ben: User
) -> None:
    judge(ben, open_batch)
    with pytest.raises(WrongState, match="accuracy: The level 5 was removed"):
        move_batch_to_version(batch=open_batch, version=rescaled, by=ada)


def test_a_batch_that_nobody_judged_takes_any_version(
    open_batch: Batch, rescaled: RubricVersion, ada: User, ben: User, claim: Any
) -> None:
    held = claim(ben, open_batch)
    move_batch_to_version(batch=open_batch, version=rescaled, by=ada)
    submit(ben, held, RIGHT)
    assert list(violations()) == []


def test_answers_read_by_the_version_before_are_turned_away(
    open_batch: Batch, rescaled: RubricVersion, ada: User, ben: User, claim: Any
) -> None:
    """The move comes between the reading of a post and its storing."""
    mine = assignment_for(Principal(ben), claim(ben, open_batch).pk)
    answers = read_answers(
        published_instrument(mine.batch.rubric_version_id),
        RIGHT,
        side_order=mine.side_order,
    )
    move_batch_to_version(batch=open_batch, version=rescaled, by=ada)
    with pytest.raises(BatchIsShut, match="submit again"):
        submit_judgment(assignment=mine, answers=answers, outputs=output_ids(mine))
    assert not Answer.objects.exists()


def test_a_breaking_move_waits_for_claims_under_way(
    open_batch: Batch, rescaled: RubricVersion, ada: User
) -> None:
    """Else a unit claimed in this moment would be judged by the version before."""
    with CaptureQueriesContext(connection) as seen:
        move_batch_to_version(batch=open_batch, version=rescaled, by=ada)
    read = [query["sql"] for query in seen if "annotation_batchmember" in query["sql"]]
    assert len(read) == 1
    assert not connection.features.has_select_for_update or "FOR UPDATE" in read[0]


def test_known_answers_to_what_changed_keep_a_batch_where_it_is(
    staged_draft: Batch, rescaled: RubricVersion, ada: User
) -> None:
    with pytest.raises(WrongState, match="known answers to accuracy"):
        move_batch_to_version(batch=staged_draft, version=rescaled, by=ada)


def test_a_version_must_be_published_fit_and_of_the_same_rubric(
    draft_batch: Batch,
    pairwise_version: RubricVersion,
    draft_version: RubricVersion,
    rubric_version: RubricVersion,
    ada: User,
) -> None:
    for version in (pairwise_version, draft_version):
        with pytest.raises(Refused):
            move_batch_to_version(batch=draft_batch, version=version, by=ada)
    comparing = next_version(
        rubric_version.rubric, ada, target="comparison", key="together"
    )
    with pytest.raises(Refused) as refused:
        move_batch_to_version(batch=draft_batch, version=comparing, by=ada)
    assert "compares outputs" in refused.value.errors[0]["message"]


@pytest.mark.parametrize("state", ["closed", "archived"])
def test_what_is_done_does_not_move(
    open_batch: Batch, reworded: RubricVersion, ada: User, state: str
) -> None:
    for to in ("closed", "archived"):
        move_batch(batch=open_batch, to=to, by=ada)
        if to == state:
            break
    with pytest.raises(WrongState):
        move_batch_to_version(batch=open_batch, version=reworded, by=ada)


def test_by_api_a_batch_is_moved_once_and_told_why_not(
    judge_api: Any,
    open_batch: Batch,
    reworded: RubricVersion,
    rescaled: RubricVersion,
    ada: User,
    ben: User,
) -> None:
    judge(ben, open_batch)
    call = judge_api(ada)
    for _again in range(2):
        moved = call(
            "post",
            "batch-rubric-version",
            open_batch.pk,
            {"rubric_version": str(reworded.pk)},
        )
        assert moved.json()["rubric_version"] == str(reworded.pk)
    assert AuditEvent.objects.filter(verb__startswith="batch moved").count() == 1
    refused = call(
        "post",
        "batch-rubric-version",
        open_batch.pk,
        {"rubric_version": str(rescaled.pk)},
    )
    assert refused.status_code == 409
    assert "re-label batch" in refused.json()["detail"]
    unknown = call(
        "post",
        "batch-rubric-version",
        open_batch.pk,
        {"rubric_version": str(open_batch.pk)},
    )
    assert unknown.status_code == 422


# --- The page -------------------------------------------------------------------------


def test_the_page_offers_what_can_be_done(
    signed_in: Callable[[User], Client],
    make_batch: Callable[..., Batch],
    dataset: Dataset,
    open_batch: Batch,
    reworded: RubricVersion,
    rescaled: RubricVersion,
    ada: User,
    ben: User,
) -> None:
    judge(ben, open_batch)
    make_batch(dataset, reworded, name="Untouched")
    client = signed_in(ada)
    address = f"/rubrics/{rescaled.rubric_id}/batches/"
    page = text(client.get(address))
    assert page.count("Make a re-label batch") == 1
    assert page.count("Move to v3") == 1
    assert "accuracy</bdi>: 1 answer" in page

    sent = {"rubric_version": str(rescaled.pk)}
    made = client.post(f"/batches/{open_batch.pk}/relabel/", sent)
    relabelled = Batch.objects.get(name=f"{open_batch.name} on v3")
    assert made["Location"] == relabelled.get_absolute_url()
    assert "holds the 1 unit to judge again" in text(client.get(address))
    again = client.post(f"/batches/{open_batch.pk}/relabel/", sent, follow=True)
    assert f"waits already in “{relabelled.name}”" in text(again)

    untouched = Batch.objects.get(name="Untouched")
    assert (
        client.post(f"/batches/{untouched.pk}/rubric-version/", sent)["Location"]
        == address
    )
    untouched.refresh_from_db()
    assert untouched.rubric_version == rescaled


def test_a_batch_tells_its_managers_of_a_newer_version(
    signed_in: Callable[[User], Client],
    open_batch: Batch,
    reworded: RubricVersion,
    ada: User,
    vic: User,
) -> None:
    address = open_batch.get_absolute_url()
    moves = f"/rubrics/{reworded.rubric_id}/batches/"
    manager = signed_in(ada)
    with queries_of() as asked:
        before = text(manager.get(address))
    versions = [sql for sql in asked if 'FROM "rubrics_rubricversion"' in sql]
    assert len([sql for sql in versions if "published_at" in sql]) == 1
    assert "A newer version of the rubric exists: version 2." in before
    assert moves in before
    assert "A newer version" not in text(signed_in(vic).get(address))
    move_batch_to_version(batch=open_batch, version=reworded, by=ada)
    assert "A newer version" not in text(signed_in(ada).get(address))


def test_the_page_takes_the_same_queries_however_many_batches(
    signed_in: Callable[[User], Client],
    make_batch: Callable[..., Batch],
    dataset: Dataset,
    open_batch: Batch,
    rescaled: RubricVersion,
    ada: User,
    ben: User,
) -> None:
    judge(ben, open_batch)
    client = signed_in(ada)
    address = f"/rubrics/{rescaled.rubric_id}/batches/"
    client.get(address)
    with queries_of() as few:
        client.get(address)
    for number in range(3):
        judge(
            ben, make_batch(dataset, open_batch.rubric_version, name=f"More {number}")
        )
    with queries_of() as many:
        client.get(address)
    assert len(few) == len(many)


# --- Gold -----------------------------------------------------------------------------


def test_gold_is_released_over_versions_that_ask_the_same(
    judged_batch: Any,
    released: Callable[..., GoldRelease],
    rubric_version: RubricVersion,
    reworded: RubricVersion,
    rescaled: RubricVersion,
    ben: User,
    cleo: User,
) -> None:
    good = {"accuracy": 4, "fluent": True}
    first = judged_batch(rubric_version, {"q1/a": {ben: good}}, name="First")
    second = judged_batch(
        reworded, {"q1/a": {cleo: good}, "q2/a": {ben: good}}, name="Second"
    )
    third = judged_batch(rescaled, {"q1/a": {ben: good}}, name="Third")
    release = released([first, second], "majority")
    assert release.rubric_version == reworded
    assert [label.support for label in release.labels.all()] == [2, 2, 1, 1]
    with pytest.raises(Refused) as refused:
        released([first, third], "majority")
    assert "ask another thing" in refused.value.errors[0]["message"]
