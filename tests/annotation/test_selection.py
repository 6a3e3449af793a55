"""What becomes a unit: by system, segment, metadata, chance, list and person."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Membership, User
from annotation.actions.batches import extend_batch
from annotation.actions.changing import move_batch
from annotation.actions.importing import import_outputs
from annotation.importing.readers import Row
from annotation.invariants import violations
from annotation.models import Batch, Dataset, Unit
from annotation.selecting import Selection, Sure, plan_units
from annotation.selecting.counting import count_units
from rubrics.models import RubricVersion
from tests.annotation.before_work import judge
from tests.rubrics.fixtures import HELPFULNESS, published

PLANS = ["free", "pro", 1, True, None, "1"]


@pytest.fixture
def noted(dataset: Dataset, ada: User) -> Dataset:
    """Items q0 … q5 with a `plan` each; wren's answers failed in q0 and q1."""
    rows = [
        {
            "id": f"q{number}",
            "input": f"Question {number}?",
            "context": [{"title": "Notes", "content": f"Fact {number}."}],
            "segments": {"parity": "even" if number % 2 == 0 else "odd"},
            "metadata": {"plan": plan, "é'\"": "ü"},
            "outputs": [
                {
                    "id": f"q{number}/wren",
                    "system": "wren",
                    "content": f"Answer {number} once more.",
                    "metadata": {"passed": number > 1},
                }
            ],
        }
        for number, plan in enumerate(PLANS)
    ]
    import_outputs(
        dataset=dataset,
        rows=[Row(place, row) for place, row in enumerate(rows, start=1)],
        by=ada,
        on_change="update",
    )
    return dataset


@pytest.fixture
def chosen(noted: Dataset, rubric_version: RubricVersion, pairwise_version: Any) -> Any:
    """chosen(metadata=…): the outputs of each unit that the selection comes to."""

    def names(layout: str = "scoring", seed: int = 0, **fields: Any) -> list[Any]:
        version = pairwise_version if layout == "pairwise" else rubric_version
        batch = Batch(
            project=noted.project,
            dataset=noted,
            rubric_version=version,
            layout=layout,
            seed=seed,
        )
        selection = Selection.from_json(Selection(**fields).as_json())
        plans = list(plan_units(batch, selection))
        assert count_units(batch, selection) == len(plans)
        return ["+".join(name for _, name, _ in plan.outputs) for plan in plans]

    return names


@pytest.mark.parametrize(
    ("values", "items"),
    [
        (["pro"], ["q1"]),
        ([1], ["q2"]),
        (["1"], ["q5"]),
        ([True], ["q3"]),
        ([None], ["q4"]),
        (["free", 1], ["q0", "q2"]),
        ([1.0], ["q2"]),
    ],
)
def test_metadata_is_compared_as_json(chosen: Any, values: Any, items: Any) -> None:
    wrens = chosen(systems=["wren"], metadata={"plan": values})
    assert wrens == [f"{item}/wren" for item in items]


def test_metadata_may_stand_on_the_output_or_on_its_item(chosen: Any) -> None:
    assert chosen(metadata={"passed": [False]}) == ["q0/wren", "q1/wren"]
    assert chosen(metadata={"passed": [False], "plan": ["pro"]}) == ["q1/wren"]
    assert len(chosen(metadata={"é'\"": ["ü"]})) == 12


def test_listed_items_and_listed_units_are_taken_exactly(chosen: Any) -> None:
    assert chosen(items=["q4", "q1"], systems=["heron"]) == ["q1/heron", "q4/heron"]
    assert chosen(listed=[["q3/wren"], ["q0/heron"]]) == ["q3/wren", "q0/heron"]
    assert chosen("pairwise", items=["q2"]) == ["q2/heron+q2/wren"]


def test_all_failures_and_a_share_of_the_rest(chosen: Any) -> None:
    failures = Sure(metadata={"passed": [False]})
    drawn = chosen(sure=failures, rest_share=0.2, seed=3)
    assert {"q0/wren", "q1/wren"} < set(drawn)
    assert len(drawn) == 2 + round(0.2 * 10)
    assert drawn == chosen(sure=failures, rest_share=0.2, seed=3)
    others = [chosen(sure=failures, rest_share=0.2, seed=seed) for seed in range(4)]
    assert any(other != drawn for other in others)
    assert chosen(sure=failures, rest_share=0) == ["q0/wren", "q1/wren"]
    pairs = chosen("pairwise", sure=failures, rest_share=0.5)
    assert pairs[:2] == ["q0/heron+q0/wren", "q1/heron+q1/wren"]
    assert len(pairs) == 4


@pytest.mark.parametrize("pairs", ["all", "chain", "random"])
@pytest.mark.parametrize("sample", [None, 2, 99])
def test_pairs_are_counted_as_they_are_made(
    chosen: Any, pairs: str, sample: int | None
) -> None:
    made = chosen("pairwise", pairs=pairs, sample=sample)
    assert len(made) == min(6, sample or 6)


def test_never_judged_is_what_no_version_of_the_rubric_has_judged(
    chosen: Any,
    make_batch: Any,
    noted: Dataset,
    rubric_version: RubricVersion,
    ben: User,
    project: Any,
    ada: User,
) -> None:
    one = make_batch(
        noted, rubric_version, selection=Selection(listed=[["q2/heron"]]), name="One"
    )
    judge(ben, one)
    left = chosen(only="never_judged")
    assert len(left) == 11
    assert "q2/heron" not in left
    other = published(project, ada, "Another rubric", HELPFULNESS)
    batch = Batch(
        project=project, dataset=noted, rubric_version=other, layout="scoring"
    )
    assert count_units(batch, Selection(only="never_judged")) == 12


def test_a_pair_is_judged_as_a_pair(
    chosen: Any, make_batch: Any, noted: Dataset, pairwise_version: Any, ben: User
) -> None:
    pair = Selection(listed=[["q2/wren", "q2/heron"]])
    batch = make_batch(
        noted, pairwise_version, layout="pairwise", selection=pair, name="One pair"
    )
    judge(ben, batch, {"overall": "A"})
    assert chosen("pairwise", only="never_judged") == [
        f"q{number}/heron+q{number}/wren" for number in (0, 1, 3, 4, 5)
    ]
    assert chosen("pairwise", only="stale") == []


def test_stale_is_what_only_other_meanings_have_judged(
    make_batch: Any,
    noted: Dataset,
    rubric_version: RubricVersion,
    ben: User,
    ada: User,
    api: Any,
) -> None:
    selection = Selection(listed=[["q0/heron"], ["q1/heron"]])
    batch = make_batch(noted, rubric_version, selection=selection, name="Before")
    judge(ben, batch)
    judge(ben, batch)

    def version(criteria: list[dict[str, Any]]) -> RubricVersion:
        url = reverse("api:rubric-versions", args=[rubric_version.rubric_id])
        body = json.dumps({"criteria": criteria, "publish": True})
        reply = api(ada).post(url, body, content_type="application/json")
        assert reply.status_code == 201, reply.content
        return RubricVersion.objects.get(pk=reply.json()["version_id"])

    reworded = version([HELPFULNESS[0] | {"question": "Is it true?"}, *HELPFULNESS[1:]])
    meant_otherwise = version(HELPFULNESS[:1])

    def stale_under(chosen: RubricVersion) -> int:
        later = Batch(
            project=noted.project,
            dataset=noted,
            rubric_version=chosen,
            layout="scoring",
        )
        return count_units(later, Selection(only="stale"))

    assert stale_under(reworded) == 0
    assert stale_under(meant_otherwise) == 2
    again = make_batch(
        noted,
        meant_otherwise,
        selection=Selection(listed=[["q0/heron"]]),
        name="Again",
    )
    judge(ben, again, {"accuracy": 4})
    assert stale_under(meant_otherwise) == 1


@pytest.fixture
def refused(api: Any, ada: User, noted: Dataset, rubric_version: Any) -> Any:
    """refused(items=[…]): the fields at which Ada's batch is faulty."""
    client = api(ada)
    url = reverse("api:batches", args=[noted.project_id])

    def fields(**changed: Any) -> list[str]:
        body = {
            "name": "Batch",
            "dataset": str(noted.pk),
            "rubric_version": str(rubric_version.pk),
            "layout": "scoring",
            "overlap": 1,
            "annotators": ["ben@example.org", "cleo@example.org"],
        }
        sent = json.dumps({k: v for k, v in (body | changed).items() if v is not ...})
        reply = client.post(url, sent, content_type="application/json")
        assert reply.status_code == 422, reply.content
        assert not Batch.objects.exists()
        return [error["field"] for error in reply.json()["errors"]]

    return fields


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"metadata": {"plan": "gold"}}, "metadata.plan"),
        ({"metadata": {"plna": "pro"}}, "metadata.plna"),
        ({"metadata": {"plan": [["pro"]]}}, "metadata.plan"),
        ({"metadata": {"plan": []}}, "metadata.plan"),
        ({"metadata": "pro"}, "metadata"),
        ({"items": ["q1", "q9"]}, "items.1"),
        ({"listed": [["q1/wren"], ["q9/wren"]]}, "listed.1"),
        ({"listed": [["q1/wren"]], "systems": ["wren"]}, "systems"),
        ({"listed": [["q1/wren"]], "sample": 1}, "sample"),
        ({"only": "judged"}, "only"),
        ({"rest_share": 0.2}, "sure"),
        ({"sure": {"segments": {"parity": "odd"}}}, "rest_share"),
        ({"sure": {}, "rest_share": 0.2}, "sure"),
        (
            {"sure": {"segments": {"parity": "x"}}, "rest_share": 0},
            "sure.segments.parity",
        ),
        ({"sure": {"metadata": {"x": 1}}, "rest_share": 0}, "sure.metadata.x"),
        ({"sure": {"colour": 1}, "rest_share": 0}, "sure.colour"),
        (
            {"sure": {"metadata": {"plan": "pro"}}, "rest_share": 0, "sample": 2},
            "sample",
        ),
        ({"only": "stale"}, "dataset"),
        ({"overlap_share": 0}, "overlap_share"),
        ({"overlap_share": 1.1}, "overlap_share"),
        ({"priority": "urgent"}, "priority"),
        ({"daily_cap": 0}, "daily_cap"),
        ({"strategy": "skill"}, "skill_segment"),
        ({"strategy": "skill", "skill_segment": "colour"}, "skill_segment"),
        ({"strategy": "skill", "skill_segment": "parity"}, "skill_segment"),
        ({"skill_segment": "parity"}, "skill_segment"),
        ({"strategy": "named"}, "assigned"),
        ({"annotators": ...}, "annotators"),
        ({"overlap": ...}, "overlap"),
        (
            {"assigned": [{"item": "q1", "annotators": ["ben@example.org"]}]},
            "assigned",
        ),
        (
            {
                "strategy": "named",
                "assigned": [
                    {"item": "q1", "annotators": ["ben@example.org"]},
                    {"item": "q9", "annotators": ["ben@example.org"]},
                ],
            },
            "assigned.1.item",
        ),
        (
            {
                "strategy": "named",
                "assigned": [
                    {"item": "q1", "annotators": ["ben@example.org", "vic@example.org"]}
                ],
            },
            "assigned.0.annotators.1",
        ),
        (
            {
                "strategy": "named",
                "assigned": [{"outputs": ["q1/x"], "annotators": ["ben@example.org"]}],
            },
            "assigned.0",
        ),
        (
            {"strategy": "named", "assigned": [{"annotators": ["ben@example.org"]}]},
            "assigned.0.outputs",
        ),
    ],
)
def test_what_is_misspelt_or_does_not_fit_is_a_fault_at_its_field(
    refused: Any, sent: dict[str, Any], field: str
) -> None:
    assert field in refused(**sent)


def required_by_place(batch: Batch) -> list[int]:
    work = Unit.objects.filter(batch=batch).order_by("place", "pk")
    return list(work.values_list("required", flat=True))


def test_a_share_of_the_units_overlaps_and_comes_first(
    make_batch: Any, noted: Dataset, rubric_version: Any, ada: User
) -> None:
    batch = make_batch(
        noted,
        rubric_version,
        overlap=2,
        overlap_share=0.3,
        selection=Selection(systems=["heron"]),
    )
    assert required_by_place(batch) == [2, 2, 1, 1, 1, 1]
    assert Unit.objects.filter(overlaps=True).count() == 2
    added = extend_batch(batch=batch, selection=Selection(), by=ada)
    assert added == 6
    new = Unit.objects.filter(unit_outputs__output__system__name="wren")
    assert sorted(new.values_list("required", flat=True)) == [1, 1, 1, 1, 2, 2]
    assert list(violations()) == []


def test_named_people_judge_the_units_they_are_named_for(
    make_batch: Any,
    noted: Dataset,
    rubric_version: Any,
    api: Any,
    ada: User,
    ben: User,
    cleo: User,
) -> None:
    url = reverse("api:batches", args=[noted.project_id])
    body = {
        "name": "Named",
        "dataset": str(noted.pk),
        "rubric_version": str(rubric_version.pk),
        "layout": "scoring",
        "strategy": "named",
        "assigned": [
            {"item": "q0", "annotators": ["Ben@example.org"]},
            {"outputs": ["q0/wren"], "annotators": ["cleo@example.org"]},
            {"outputs": ["q3/wren"], "annotators": ["cleo@example.org"]},
        ],
    }
    reply = api(ada).post(url, json.dumps(body), content_type="application/json")
    assert reply.status_code == 201, reply.content
    batch = Batch.objects.get()
    required = Unit.objects.values_list("unit_outputs__output__external_id", "required")
    assert dict(required) == {"q0/heron": 1, "q0/wren": 2, "q3/wren": 1}
    assert batch.overlap == 2
    assert {member.user for member in batch.members.all()} == {ben, cleo}
    assert batch.selection["assigned"][1] == {
        "outputs": ["q0/wren"],
        "annotators": [str(ben.pk), str(cleo.pk)],
    }
    move_batch(batch=batch, to="open", by=ada)
    mine = batch.assignments.filter(annotator=ben, reserved=True)
    assert mine.count() == 2

    more = {"assigned": [{"outputs": ["q4/wren"], "annotators": ["ben@example.org"]}]}
    units = reverse("api:units", args=[batch.pk])
    reply = api(ada).post(units, json.dumps(more), content_type="application/json")
    assert reply.json()["units"] == 1
    assert mine.count() == 3
    again = api(ada).post(units, json.dumps(more), content_type="application/json")
    assert again.json()["units"] == 0
    nobody = api(ada).post(units, json.dumps({}), content_type="application/json")
    assert nobody.status_code == 422


def test_work_by_skill_is_made_for_those_who_have_one(
    make_batch: Any, noted: Dataset, rubric_version: Any, ben: User
) -> None:
    Membership.objects.filter(user=ben).update(skills=["Odd"])
    batch = make_batch(
        noted, rubric_version, overlap=1, strategy="skill", skill_segment="parity"
    )
    mine = batch.assignments.filter(annotator=ben)
    assert mine.count() == 6
    odd = mine.filter(unit__item__segments__value="odd")
    assert odd.count() == 6


def test_a_selection_stored_before_is_read_as_it_was() -> None:
    stored = {"pairs": "chain", "systems": ["wren"], "segments": {}, "sample": 3}
    assert Selection.from_json(stored) == Selection(
        pairs="chain", systems=["wren"], sample=3
    )
    assert Selection.from_json({}) == Selection()
