"""Labels that a breaking change made stale: listed, counted, put into a new batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import AuditEvent, User
from annotation.actions.holding import WrongState
from annotation.actions.moving import relabel_batch
from annotation.actions.units import Selection
from annotation.models import Batch, Dataset, Output
from annotation.stale import stale_units
from rubrics.actions import create_version
from rubrics.models import RubricVersion
from rubrics.shape import read_criteria
from tests.annotation.before_work import judge, submit
from tests.annotation.versions import rescaled, reworded
from tests.rubrics.fixtures import HELPFULNESS, OVERALL

__all__ = ["rescaled", "reworded"]

pytestmark = pytest.mark.django_db
LESS = {"accuracy": 3, "fluent": True}


def names(batch: Batch) -> list[list[str]]:
    return sorted(
        list(
            unit.unit_outputs.order_by("position").values_list(
                "output__external_id", flat=True
            )
        )
        for unit in batch.units.all()
    )


@pytest.fixture
def judged(open_batch: Batch, ben: User, cleo: User) -> Batch:
    """Ben judged two units, Cleo one; of them, perhaps, the same."""
    judge(ben, open_batch)
    judge(ben, open_batch)
    judge(cleo, open_batch)
    return open_batch


def test_nothing_is_stale_while_versions_ask_the_same(
    judged: Batch, reworded: RubricVersion
) -> None:
    assert not stale_units(reworded).exists()


def test_a_breaking_change_makes_what_was_judged_stale_and_no_more(
    judged: Batch, rescaled: RubricVersion
) -> None:
    units = judged.units.filter(assignments__state="submitted").distinct()
    assert set(stale_units(rescaled)) == set(units)


def test_what_is_judged_on_the_new_version_is_not_stale_any_more(
    judged: Batch, rescaled: RubricVersion, ada: User, ben: User
) -> None:
    before = stale_units(rescaled).count()
    made = relabel_batch(batch=judged, version=rescaled, by=ada, opens=True)
    judge(ben, made.batch, LESS)
    assert stale_units(rescaled).count() == before - 1


def test_content_that_was_replaced_is_past_and_not_stale(
    judged: Batch, rescaled: RubricVersion
) -> None:
    before = stale_units(rescaled).count()
    old = stale_units(rescaled)[0].unit_outputs.get().output
    Output.objects.create(
        dataset=old.dataset,
        external_id=old.external_id,
        revision=old.revision + 1,
        item=old.item,
        system=old.system,
        content="Anew.",
        content_hash="anew",
        record_hash="",
    )
    assert stale_units(rescaled).count() == before - 1


def test_by_api_the_stale_units_are_listed_and_put_into_a_batch(
    judge_api: Any, judged: Batch, rescaled: RubricVersion, ada: User
) -> None:
    call = judge_api(ada)
    listed = call("get", "rubric-stale", rescaled.rubric_id).json()["results"]
    assert {row["batch"] for row in listed} == {str(judged.pk)}
    assert {tuple(row["criteria"]) for row in listed} == {("accuracy", "fluent")}
    assert sum(row["annotators"] for row in listed) == 3

    (batch,) = call("get", "rubric-batches", rescaled.rubric_id).json()["results"]
    assert batch["stale"] == {
        "units": len(listed),
        "answers": {"accuracy": 3, "fluent": 3},
    }
    assert (batch["comparable"], batch["movable"]) == (False, False)

    sent = {"rubric_version": str(rescaled.pk)}
    made = call("post", "batch-relabel", judged.pk, sent, key="once")
    assert made.status_code == 201
    assert made.json()["units"] == len(listed)
    again = call("post", "batch-relabel", judged.pk, sent, key="once")
    assert again.json() == made.json()
    new = Batch.objects.get(pk=made.json()["id"])
    assert new.state == "draft"
    assert new.name == f"{judged.name} on v3"
    assert names(new) == sorted(row["outputs"] for row in listed)
    assert AuditEvent.objects.filter(verb="batch created", data__name=new.name).exists()


def test_a_pair_keeps_its_order_and_its_people(
    make_batch: Callable[..., Batch],
    dataset: Dataset,
    mixed_version: RubricVersion,
    ada: User,
    ben: User,
    cleo: User,
    claim: Any,
) -> None:
    pairs = [["q1/wren", "q1/heron"], ["q2/heron", "q2/wren"]]
    old = make_batch(
        dataset,
        mixed_version,
        layout="pairwise",
        overlap=1,
        selection=Selection(pairs=pairs),
    )
    for _pair in pairs:
        mine = claim(ben, old)
        submit(ben, mine, {"accuracy": {"A": 4, "B": 4}, "overall": "A"})
    old.members.filter(user=cleo).update(active=False)
    criteria = [
        HELPFULNESS[0] | {"required": False},
        OVERALL | {"scale": {"kind": "preference"}},
    ]
    version = create_version(
        rubric=mixed_version.rubric, criteria=read_criteria(criteria), by=ada
    )
    made = relabel_batch(batch=old, version=version, by=ada, name="Once more")
    assert names(made.batch) == sorted(pairs)
    assert (made.batch.name, made.batch.overlap) == ("Once more", 1)
    assert [member.user for member in made.batch.members.all()] == [ben]


def test_there_is_no_batch_of_nothing(
    judged: Batch, open_batch: Batch, reworded: RubricVersion, ada: User
) -> None:
    with pytest.raises(WrongState, match="Move the batch"):
        relabel_batch(batch=judged, version=reworded, by=ada)


def test_a_batch_that_nobody_judged_has_nothing_to_label_again(
    open_batch: Batch, rescaled: RubricVersion, ada: User
) -> None:
    with pytest.raises(WrongState, match="Nothing in this batch"):
        relabel_batch(batch=open_batch, version=rescaled, by=ada)


def test_what_waits_to_be_labelled_again_is_not_put_into_a_second_batch(
    judged: Batch, rescaled: RubricVersion, ada: User, ben: User
) -> None:
    first = relabel_batch(batch=judged, version=rescaled, by=ada, opens=True)
    with pytest.raises(WrongState, match=f"waits already in “{first.batch.name}”"):
        relabel_batch(batch=judged, version=rescaled, by=ada)

    for _one_is_new in range(2):
        judge(ben, judged)
    second = relabel_batch(batch=judged, version=rescaled, by=ada)
    assert second.batch.name == f"{judged.name} on v3 (2)"
    listed = names(second.batch)
    assert listed
    assert not [outputs for outputs in listed if outputs in names(first.batch)]
