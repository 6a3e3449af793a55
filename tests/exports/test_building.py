"""From judgments to a release: what it holds, and that it holds it exactly."""

from __future__ import annotations

import hashlib
import json
import threading
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection

from accounts.models import Project, User
from annotation.models import Batch, Judgment, Unit
from config.api import Refused
from exports import tasks
from exports.actions import abandon_release, build_release, request_release
from exports.files import opened
from exports.models import GoldRelease, ReleaseState
from exports.rules import Options
from jobs.actions import start
from jobs.models import Job, State
from jobs.registry import SomeoneElsesNow
from rubrics.models import RubricVersion
from tests.exports.fixtures import JudgedBatch, Released, built, judge
from tests.jobs.worker import Worker

transactional = pytest.mark.django_db(transaction=True)


def content(release: GoldRelease, file_format: str = "jsonl") -> bytes:
    _, stream = opened(release, file_format)
    with stream:
        return stream.read()


def rows(release: GoldRelease, file_format: str = "jsonl") -> list[dict[str, Any]]:
    lines = content(release, file_format).decode().splitlines()
    return [json.loads(line) for line in lines]


def test_a_label_tells_its_value_and_how_it_was_decided(
    ready_release: GoldRelease,
) -> None:
    assert rows(ready_release)[0] == {
        "item": "q1",
        "dataset": "Questions",
        "outputs": ["q1/a"],
        "revisions": [1],
        "systems": ["a"],
        "criterion": "accuracy",
        "output": "q1/a",
        "value": 4,
        "distribution": {"4": 2},
        "support": 2,
        "decided_by": "majority",
        "disputed": False,
        "split": "test",
    }


def test_labels_and_unresolved_are_units_times_criteria(
    ready_release: GoldRelease,
) -> None:
    assert ready_release.counts == {"labels": 4, "unresolved": 2, "excluded": 3}
    assert len(rows(ready_release)) == 4
    assert ready_release.manifest["units"] == {"total": 3, "judged": 3, "settled": 2}
    assert ready_release.labels.resolved().count() == 4
    assert ready_release.labels.unresolved().count() == 2


def test_the_unresolved_are_listed_with_their_reasons(
    ready_release: GoldRelease,
) -> None:
    assert [
        (row["output"], row["criterion"], row["value"], row["unresolved_because"])
        for row in rows(ready_release, "unresolved")
    ] == [
        ("q1/b", "accuracy", None, "2 values share the most votes."),
        ("q1/b", "fluent", None, "2 values share the most votes."),
    ]


def test_the_hash_is_of_the_file_as_downloaded(ready_release: GoldRelease) -> None:
    assert hashlib.sha256(content(ready_release)).hexdigest() == ready_release.sha256
    assert ready_release.manifest["sha256"] == ready_release.sha256


def test_the_file_is_one_json_object_a_line_with_sorted_keys(
    ready_release: GoldRelease,
) -> None:
    text = content(ready_release).decode()
    assert text.endswith("}\n")
    assert "\r" not in text
    assert [list(row) == sorted(row) for row in rows(ready_release)] == [True] * 4


def test_criteria_in_words_are_left_out_and_named(ready_release: GoldRelease) -> None:
    assert ready_release.manifest["excluded_criteria"] == [
        {"criterion": "remark", "reason": "Words have no consensus value."}
    ]


def test_the_manifest_says_what_the_release_is_made_of(
    ready_release: GoldRelease, scored_batch: Batch
) -> None:
    manifest = ready_release.manifest
    assert manifest["rubric"]["name"] == "Helpfulness"
    assert manifest["batches"] == [
        {
            "id": str(scored_batch.pk),
            "name": "Batch 1",
            "state": "draft",
            "units": 3,
            "judgments": 5,
        }
    ]
    assert [(one["name"], one["items"]) for one in manifest["datasets"]] == [
        ("Questions", 2)
    ]
    assert manifest["rules"] == {"accuracy": "majority", "fluent": "majority"}
    assert manifest["created_by"].startswith("P-"), "no name leaves the project"
    accuracy, fluent = manifest["criteria"]
    assert (accuracy["labels"], accuracy["unresolved"], accuracy["disputed"]) == (
        2,
        1,
        1,
    )
    assert accuracy["values"] == [
        {"value": 1, "labels": 1},
        {"value": 4, "labels": 1},
    ]
    assert fluent["votes"] == 5


def test_each_criterion_can_have_its_own_rule(
    released: Released, scored_batch: Batch
) -> None:
    release = released([scored_batch], {"accuracy": "median", "fluent": "unanimous"})

    assert {
        (row["output"], row["criterion"], row["value"], row["decided_by"])
        for row in rows(release)
    } == {
        ("q1/a", "accuracy", 4, "median"),
        ("q1/a", "fluent", True, "unanimous"),
        ("q1/b", "accuracy", 3.5, "median"),
        ("q2/a", "accuracy", 1, "median"),
        ("q2/a", "fluent", False, "unanimous"),
    }


def test_too_little_support_leaves_a_label_unresolved(
    released: Released, scored_batch: Batch
) -> None:
    release = released([scored_batch], min_support=2)

    assert [
        row["unresolved_because"]
        for row in rows(release, "unresolved")
        if row["item"] == "q2"
    ] == ["The rule needs 2 votes and has 1."] * 2


def test_a_preference_names_the_output_that_won(
    judged_batch: JudgedBatch,
    released: Released,
    pairwise_version: RubricVersion,
    ben: User,
    cleo: User,
    dov: User,
) -> None:
    batch = judged_batch(
        pairwise_version,
        {
            "q1/a q1/b": {
                ben: {"overall": "second"},
                cleo: {"overall": "second"},
                dov: {"overall": "both_bad"},
            },
            "q2/a q2/b": {ben: {"overall": "first"}, cleo: {"overall": "second"}},
            "q3/a q3/b": {},
        },
    )

    first, second = rows(released([batch], tie="tie"))

    assert (first["value"], first["output"]) == ("q1/b", None)
    assert first["distribution"] == {"q1/b": 2, "both_bad": 1}
    assert first["disputed"] is True
    assert (second["value"], second["decided_by"]) == ("tie", "majority")
    assert [row["value"] for row in rows(released([batch]))] == ["q1/b"]


def test_the_same_pair_named_the_other_way_round_is_one_label(
    judged_batch: JudgedBatch,
    released: Released,
    pairwise_version: RubricVersion,
    ben: User,
    cleo: User,
) -> None:
    one = judged_batch(pairwise_version, {"q1/a q1/b": {ben: {"overall": "first"}}})
    other = judged_batch(
        pairwise_version, {"q1/b q1/a": {cleo: {"overall": "second"}}}, name="Batch 2"
    )

    (row,) = rows(released([one, other]))

    assert (row["value"], row["support"]) == ("q1/a", 2)


def test_strength_is_collapsed_to_the_choice(
    judged_batch: JudgedBatch,
    released: Released,
    strength_version: RubricVersion,
    ben: User,
    cleo: User,
) -> None:
    batch = judged_batch(
        strength_version,
        {"q1/a q1/b": {ben: {"overall": "first_1"}, cleo: {"overall": "first_2"}}},
    )

    (row,) = rows(released([batch], "unanimous"))

    assert row["value"] == "q1/a"
    assert row["distribution"] == {"q1/a": 2}
    assert row["disputed"] is False


def test_items_of_two_datasets_are_told_apart(
    judged_batch: JudgedBatch,
    released: Released,
    rubric_version: RubricVersion,
    ben: User,
) -> None:
    vote = {ben: {"accuracy": 3, "fluent": True}}
    one = judged_batch(rubric_version, {"q1/a": vote})
    other = judged_batch(rubric_version, {"q1/a": vote}, "Batch 2", "More questions")

    made = rows(released([one, other]))

    assert [row["dataset"] for row in made] == [
        "Questions",
        "Questions",
        "More questions",
        "More questions",
    ]


def test_splits_are_drawn_by_item(
    judged_batch: JudgedBatch,
    released: Released,
    rubric_version: RubricVersion,
    ben: User,
) -> None:
    vote = {ben: {"accuracy": 3, "fluent": True}}
    units = {f"q{n}/{system}": vote for n in range(30) for system in "ab"}
    batch = judged_batch(rubric_version, units)

    release = released([batch], splits={"dev": 0.5, "test": 0.5}, seed=7)

    splits: dict[str, set[str]] = {}
    for row in rows(release):
        splits.setdefault(row["item"], set()).add(row["split"])
    assert all(len(names) == 1 for names in splits.values())
    counted = {one["name"]: one["items"] for one in release.manifest["splits"]}
    assert counted["dev"] + counted["test"] == 30
    assert min(counted.values()) >= 8


def test_a_second_build_of_the_same_judgments_is_the_same_file(
    released: Released, scored_batch: Batch
) -> None:
    first, second = released([scored_batch]), released([scored_batch])

    assert (first.number, second.number) == (1, 2)
    assert content(first) == content(second)
    assert first.sha256 == second.sha256


def test_a_release_does_not_change_when_judging_goes_on(
    released: Released, scored_batch: Batch, ben: User, dov: User
) -> None:
    release = released([scored_batch])
    before = content(release)
    unit = Unit.objects.get(item__external_id="q2")

    judge(unit, ben, {"accuracy": 5, "fluent": True})
    judge(unit, dov, {"accuracy": 5, "fluent": True})

    assert content(release) == before
    assert content(released([scored_batch])) != before


def test_a_build_that_was_killed_half_way_is_begun_anew(
    building_release: GoldRelease,
) -> None:
    def killed(done: int, total: int | None = None, message: str = "") -> None:
        if message == "Writing CSV.":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_release(building_release, killed)
    assert building_release.labels.count() == 6
    assert building_release.state == ReleaseState.BUILDING

    built(GoldRelease.objects.get(pk=building_release.pk))

    building_release.refresh_from_db()
    assert building_release.state == ReleaseState.READY
    assert building_release.labels.count() == 6
    assert building_release.files.count() == 4


def test_a_worker_taken_for_dead_writes_nothing_more(
    building_release: GoldRelease,
) -> None:
    slow = GoldRelease.objects.get(pk=building_release.pk)

    def overtaken(done: int, total: int | None = None, message: str = "") -> None:
        if message == "Writing labels.":
            built(GoldRelease.objects.get(pk=building_release.pk))

    with pytest.raises(SomeoneElsesNow):
        build_release(slow, overtaken)

    building_release.refresh_from_db()
    assert (building_release.state, building_release.tries) == ("ready", 2)
    assert building_release.labels.count() == 6
    assert hashlib.sha256(content(building_release)).hexdigest() == (
        building_release.sha256
    )


def test_a_build_that_fails_leaves_a_sentence_and_nothing_else(
    building_release: GoldRelease,
) -> None:
    def broken(done: int, total: int | None = None, message: str = "") -> None:
        if message == "Writing CSV.":
            raise RuntimeError("secret detail")

    with pytest.raises(RuntimeError):
        build_release(building_release, broken)

    building_release.refresh_from_db()
    assert building_release.state == ReleaseState.FAILED
    assert building_release.error.startswith("The release could not be built")
    assert "secret" not in building_release.error
    assert not building_release.labels.exists()
    assert not building_release.files.exists()
    assert not building_release.batches.exists()


def test_a_release_that_nobody_builds_is_given_up(
    building_release: GoldRelease,
) -> None:
    tasks.give_up_abandoned()
    building_release.refresh_from_db()
    assert building_release.state == ReleaseState.BUILDING

    Job.objects.filter(project=building_release.project).update(
        state=State.FAILED, error="It stopped three times."
    )
    tasks.give_up_abandoned()

    building_release.refresh_from_db()
    assert building_release.state == ReleaseState.FAILED
    assert building_release.error == "It stopped three times."


def test_a_ready_release_is_neither_built_again_nor_given_up(
    ready_release: GoldRelease,
) -> None:
    made = content(ready_release)

    built(ready_release)
    abandon_release(ready_release, "No.")

    ready_release.refresh_from_db()
    assert (ready_release.state, ready_release.tries) == (ReleaseState.READY, 1)
    assert content(ready_release) == made


def test_a_file_that_is_gone_is_made_again(ready_release: GoldRelease) -> None:
    before = content(ready_release)
    kept, stream = opened(ready_release, "jsonl")
    stream.close()
    default_storage.delete(kept.name)

    assert content(ready_release) == before


def test_gold_never_mixes_rubric_versions(
    project: Project,
    ada: User,
    judged_batch: JudgedBatch,
    rubric_version: RubricVersion,
    pairwise_version: RubricVersion,
) -> None:
    one = judged_batch(rubric_version, {})
    other = judged_batch(pairwise_version, {}, name="Batch 2")

    with pytest.raises(Refused) as refused:
        request_release(project=project, batches=[one, other], rule="majority", by=ada)

    (fault,) = refused.value.errors
    assert "Batch 1 uses Helpfulness v1" in fault["message"]
    assert "Batch 2 uses Better answer v1" in fault["message"]
    assert not GoldRelease.objects.exists()


def test_probes_and_repeats_give_no_gold(
    released: Released, scored_batch: Batch
) -> None:
    Unit.objects.filter(item__external_id="q2").update(kind="probe")

    release = released([scored_batch])

    assert {row["item"] for row in rows(release)} == {"q1"}
    assert release.manifest["batches"][0]["judgments"] == 4


@transactional
def test_releases_asked_for_at_once_get_numbers_of_their_own(
    project: Project, scored_batch: Batch, ada: User
) -> None:
    numbers: list[int] = []
    ready = threading.Barrier(8)

    def ask() -> None:
        ready.wait()
        release = request_release(
            project=project, batches=[scored_batch], rule="majority", by=ada
        )
        numbers.append(release.number)
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(numbers) == [1, 2, 3, 4, 5, 6, 7, 8]


@transactional
def test_judgments_made_during_the_reading_do_not_come_in(
    project: Project, scored_batch: Batch, ada: User, ben: User, dov: User
) -> None:
    release = GoldRelease.objects.create(
        project=project,
        number=1,
        rubric_version=scored_batch.rubric_version,
        rule="majority",
        options=Options().as_json(),
        by=ada,
    )
    release.batches.set([scored_batch])
    unit = Unit.objects.get(item__external_id="q2")

    def judge_meanwhile(done: int, total: int | None = None, message: str = "") -> None:
        if message == "Reading judgments." and done == 0:
            thread = threading.Thread(target=judge_q2)
            thread.start()
            thread.join(timeout=10)
            assert not thread.is_alive(), "The reading keeps annotators waiting."

    def judge_q2() -> None:
        judge(unit, dov, {"accuracy": 5, "fluent": True})
        connection.close()

    build_release(release, judge_meanwhile)

    assert Judgment.objects.filter(assignment__unit=unit).count() == 2
    assert [row["support"] for row in rows(release) if row["item"] == "q2"] == [1, 1]


@transactional
def test_a_worker_builds_the_release(
    worker: Worker, project: Project, scored_batch: Batch, ada: User
) -> None:
    release = request_release(
        project=project, batches=[scored_batch], rule="majority", by=ada
    )
    assert release.job is not None

    job = worker.finish(release.job)

    assert (job.state, job.error) == (State.DONE, "")
    assert job.result == {
        "release": str(release.pk),
        "number": 1,
        "labels": 4,
        "unresolved": 2,
        "excluded": 3,
    }
    assert job.done == job.total == 12
    release.refresh_from_db()
    assert release.is_ready
    assert hashlib.sha256(content(release)).hexdigest() == release.sha256


@transactional
def test_the_work_of_a_release_that_is_gone_fails_alone(
    worker: Worker, project: Project, ada: User
) -> None:
    gone = "00000000-0000-0000-0000-000000000000"
    job = start("gold_release", project=project, by=ada, params={"release": gone})

    assert worker.finish(job).state == State.FAILED
