"""The database refuses to change a ready release, whoever asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from annotation.models import Batch
from exports.models import GoldLabel, GoldRelease
from rubrics.models import RubricVersion
from tests.exports.fixtures import JudgedBatch, Released

REFUSED = "A ready gold release never changes"


def change_value(release: GoldRelease) -> None:
    release.labels.resolved().update(value=1)


def add_label(release: GoldRelease) -> None:
    label = release.labels.all()[0]
    label.pk, label.position, label.subject = None, 99, "another"
    label.save()


def take_label_from_elsewhere(release: GoldRelease) -> None:
    GoldLabel.objects.filter(release=release).update(release=release)


def change_batches(release: GoldRelease) -> None:
    release.batches.add(Batch.objects.get(name="Batch 2"))


def changing(**fields: Any) -> Callable[[GoldRelease], None]:
    def change(release: GoldRelease) -> None:
        GoldRelease.objects.filter(pk=release.pk).update(**fields)

    return change


ACTS = {
    "a label's value": change_value,
    "one more label": add_label,
    "labels moved": take_label_from_elsewhere,
    "one more batch": change_batches,
    "the hash": changing(sha256="0" * 64),
    "the manifest": changing(manifest={}),
    "the number": changing(number=7),
    "the counts": changing(counts={}),
    "the rule": changing(rule="mean"),
    "the state": changing(state="building"),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())
def test_a_ready_release_is_not_changed(
    ready_release: GoldRelease,
    judged_batch: JudgedBatch,
    act: Callable[[GoldRelease], None],
) -> None:
    judged_batch(ready_release.rubric_version, {}, name="Batch 2")

    with pytest.raises(IntegrityError, match=REFUSED), transaction.atomic():
        act(ready_release)


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())
def test_a_release_that_is_being_built_is_free(
    ready_release: GoldRelease,
    building_release: GoldRelease,
    judged_batch: JudgedBatch,
    act: Callable[[GoldRelease], None],
) -> None:
    judged_batch(ready_release.rubric_version, {}, name="Batch 2")
    label = ready_release.labels.all()[0]
    label.pk, label.release = None, building_release
    label.save()

    act(building_release)


def test_a_ready_release_forgets_its_job_with_the_job(
    ready_release: GoldRelease,
) -> None:
    assert ready_release.job is not None
    ready_release.job.delete()

    ready_release.refresh_from_db()
    assert ready_release.job is None


@pytest.mark.django_db(transaction=True)
def test_a_label_is_not_taken_out_of_a_ready_release(
    ready_release: GoldRelease,
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ready_release.labels.all()[0].delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        ready_release.batches.clear()

    assert ready_release.labels.count() == 6
    assert ready_release.batches.count() == 1


def test_a_batch_that_a_release_is_made_of_is_not_deleted(
    released: Released, judged_batch: JudgedBatch, rubric_version: RubricVersion
) -> None:
    batch = judged_batch(rubric_version, {"q1/a": {}})
    released([batch])

    with pytest.raises(ProtectedError):
        batch.delete()


@pytest.mark.django_db(transaction=True)
def test_flushing_the_database_is_possible(ready_release: GoldRelease) -> None:
    call_command("flush", interactive=False, verbosity=0)

    assert not GoldRelease.objects.exists()
