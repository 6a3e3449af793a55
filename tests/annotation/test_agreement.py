"""How far annotators agree: the numbers, their reasons, the page, the units apart."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import krippendorff
import pytest
from django.urls import reverse
from django.utils import timezone

from annotation.actions.judgments import import_judgments
from annotation.agreement import measure_batch
from annotation.importing.readers import Row
from annotation.models import Assignment, Batch
from annotation.tasks import measure_agreement_job
from annotation.units import spread
from annotation.votes import Vote
from config.ids import uuid7
from jobs.models import Job, State
from rubrics.instrument import published_instrument
from tests.annotation.queries import queries_of
from tests.rubrics.fixtures import published

BY_HAND = [  # Ben's and Cleo's accuracy and fluency of twelve outputs.
    *(
        (5, 5, 1, 1),
        (4, 5, 1, 1),
        (3, 3, 1, 0),
        (2, 2, 0, 0),
        (1, 1, 0, 0),
        (5, 4, 1, 1),
    ),
    *(
        (2, 3, 0, 0),
        (4, 4, 1, 1),
        (1, 2, 0, 1),
        (3, 3, 1, 1),
        (5, 5, 1, 1),
        (1, 4, 0, 0),
    ),
]
NAMES = [f"q{n}/{system}" for n in range(6) for system in ("heron", "wren")]


def put(batch: Batch, ada: Any, rows: list[dict[str, Any]]) -> None:
    counts = import_judgments(
        batch=batch,
        rows=[Row(n, row) for n, row in enumerate(rows, start=1)],
        by=ada,
        create_annotators=True,
    )
    assert counts.rejected == 0, counts.errors


def judged(
    who: str, name: str, accuracy: int, fluent: Any, **more: Any
) -> dict[str, Any]:
    answers = {"accuracy": accuracy, "fluent": fluent, **more}
    return {"annotator": f"{who}@example.org", "output": name, "answers": answers}


@pytest.fixture
def by_hand(open_batch: Batch, ada: Any) -> Batch:
    rows = []
    for name, (a1, a2, f1, f2) in zip(NAMES, BY_HAND, strict=True):
        rows += [judged("ben", name, a1, bool(f1)), judged("cleo", name, a2, bool(f2))]
    put(open_batch, ada, rows)
    return open_batch


def measured(judge_api: Any, user: Any, batch: Batch) -> dict[str, Any]:
    reply = judge_api(user)("get", "agreement", batch.pk)
    assert reply.status_code == 200, reply.content
    assert not re.search(rb"NaN|Infinity", reply.content)
    return {criterion["key"]: criterion for criterion in reply.json()["criteria"]}


def test_the_numbers_are_those_of_the_hand_data(
    judge_api: Any, vic: Any, by_hand: Batch
) -> None:
    found = measured(judge_api, vic, by_hand)
    for key, level, pick in [("accuracy", "ordinal", 0), ("fluent", "nominal", 2)]:
        table = [[row[pick + who] for row in BY_HAND] for who in (0, 1)]
        alpha = krippendorff.alpha(
            reliability_data=table,
            level_of_measurement=level,
            value_domain=[1, 2, 3, 4, 5] if pick == 0 else [0, 1],
        )
        alike = sum(row[pick] == row[pick + 1] for row in BY_HAND) / len(BY_HAND)
        assert found[key]["level"] == level
        assert math.isclose(found[key]["alpha"]["value"], alpha, abs_tol=1e-12)
        assert math.isclose(found[key]["percent"]["value"], alike, abs_tol=1e-12)
        assert found[key]["alpha"]["low"] < alpha < found[key]["alpha"]["high"]
        counts = ("units", "pairable_units", "annotators", "ratings")
        assert [found[key][name] for name in counts] == [12, 12, 2, 24]


def test_what_is_undefined_says_why_in_words(
    judge_api: Any, ada: Any, open_batch: Batch
) -> None:
    empty = measured(judge_api, ada, open_batch)
    assert empty["accuracy"]["alpha"]["value"] is None
    assert empty["accuracy"]["alpha"]["undefined_because"].endswith(".")
    assert empty["remark"]["level"] is None
    put(
        open_batch, ada, [judged(w, n, 3, True) for w in ("ben", "cleo") for n in NAMES]
    )
    alike = measured(judge_api, ada, open_batch)["accuracy"]
    assert alike["alpha"] == {
        "value": None,
        "low": None,
        "high": None,
        "undefined_because": alike["alpha"]["undefined_because"],
    }
    assert "same value" in alike["alpha"]["undefined_because"]
    assert alike["percent"]["value"] == 1


def test_one_pair_on_swapped_sides_is_one_vote_for_one_system(
    judge_api: Any, ada: Any, pair_batch: Batch
) -> None:
    rows = []
    for n in range(6):
        pair = [f"q{n}/heron", f"q{n}/wren"]
        best = n % 2
        rows.append(("ben", pair, "AB"[best]))
        rows.append(("cleo", pair[::-1], "AB"[1 - best]))
    put(
        pair_batch,
        ada,
        [
            {"annotator": f"{w}@example.org", "outputs": p, "answers": {"overall": v}}
            for w, p, v in rows
        ],
    )
    found = measured(judge_api, ada, pair_batch)["overall"]
    assert (found["alpha"]["value"], found["percent"]["value"]) == (1, 1)
    assert (found["units"], found["level"]) == (6, "nominal")


def test_absent_answers_are_left_out_and_counted(
    judge_api: Any, ada: Any, make_batch: Any, dataset: Any, project: Any
) -> None:
    criterion = {
        "key": "ok",
        "question": "Is it right?",
        "scale": {"kind": "binary"},
        "allow_not_applicable": True,
        "allow_cannot_judge": True,
    }
    batch = make_batch(dataset, published(project, ada, "Absent", [criterion]))
    values = [
        (True, True),
        (False, False),
        (None, True),
        ({"absent": "cannot_judge"}, None),
    ]
    put(
        batch,
        ada,
        [
            {
                "annotator": f"{who}@example.org",
                "output": name,
                "answers": {"ok": value},
            }
            for name, pair in zip(NAMES, values, strict=False)
            for who, value in zip(("ben", "cleo"), pair, strict=True)
        ],
    )
    found = measured(judge_api, ada, batch)["ok"]
    assert (found["left_out"], found["ratings"], found["units"]) == (3, 5, 3)
    assert (found["pairable_units"], found["alpha"]["value"]) == (2, 1)


def test_a_superseded_judgment_counts_no_more(
    judge_api: Any, ben: Any, ada: Any, by_hand: Batch
) -> None:
    before = measured(judge_api, ada, by_hand)["accuracy"]
    odd = Assignment.objects.get(
        annotator=ben, unit__unit_outputs__output__external_id="q5/wren"
    )
    first = odd.judgments.get()
    body = {
        "answers": {"accuracy": {"A": 4}, "fluent": {"A": False}},
        "supersedes": str(first.pk),
    }
    assert judge_api(ben)("post", "judgment", odd.pk, body).status_code == 201
    after = measured(judge_api, ada, by_hand)["accuracy"]
    assert after["ratings"] == before["ratings"] == 24
    assert after["alpha"]["value"] > before["alpha"]["value"]


def test_a_breakdown_that_is_not_offered_is_refused(
    judge_api: Any, ada: Any, by_hand: Batch
) -> None:
    reply = judge_api(ada)("get", "agreement", by_hand.pk, query={"by": "system"})
    assert reply.status_code == 422


def test_a_large_batch_is_measured_by_a_job(
    judge_api: Any,
    signed_in: Any,
    ada: Any,
    by_hand: Batch,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("annotation.agreement.AT_ONCE", 10)
    reply = judge_api(ada)("get", "agreement", by_hand.pk)
    assert reply.status_code == 202
    again = judge_api(ada)("get", "agreement", by_hand.pk)
    assert again.json() == reply.json()  # Nobody has begun to measure yet.
    job = Job.objects.get(pk=reply.json()["job"])
    result = measure_agreement_job(job, lambda *a, **k: None)
    assert [c["key"] for c in result["criteria"]] == ["accuracy", "fluent", "remark"]
    Job.objects.update(state=State.DONE, result=json.loads(json.dumps(result)))
    page = signed_in(ada)
    url = reverse("annotation:agreement", args=[by_hand.pk])
    text = page.get(url).content.decode()
    assert f"{result['criteria'][0]['alpha']['value']:.3f}" in text
    assert "Agreement is not defined for this kind of answer: words." in text
    page.post(reverse("annotation:measurement", args=[by_hand.pk]))
    assert Job.objects.count() == 2


def test_the_page_draws_the_intervals_and_says_them_in_a_table(
    signed_in: Any, judge_api: Any, ada: Any, by_hand: Batch
) -> None:
    found = measured(judge_api, ada, by_hand)
    reply = signed_in(ada).get(reverse("annotation:agreement", args=[by_hand.pk]))
    text = reply.content.decode()
    alpha = found["accuracy"]["alpha"]
    label = re.search(r'<svg[^>]*role="img"[^>]*aria-label="([^"]+)"', text)
    assert label is not None
    assert f"accuracy {alpha['value']:.2f}" in label[1]
    assert "remark undefined" in label[1]
    assert text.count('class="chart__interval"') == 2
    assert f"{alpha['low']:.3f} to {alpha['high']:.3f}" in text
    assert "Agreement is not defined for this kind of answer: words." in text
    assert "nan" not in re.sub(r"<[^>]+>", " ", text).lower().split()
    assert "Where they differ most" in text


def test_before_any_judgment_the_page_says_so(
    signed_in: Any, vic: Any, open_batch: Batch
) -> None:
    reply = signed_in(vic).get(reverse("annotation:agreement", args=[open_batch.pk]))
    text = reply.content.decode()
    assert "Undefined: No unit has values from two annotators." in text
    assert "Where they differ most" not in text  # A viewer sees aggregates only.


def test_measuring_many_units_asks_as_much_as_measuring_few(
    signed_in: Any,
    judge_api: Any,
    ada: Any,
    make_dataset: Any,
    make_batch: Any,
    rubric_version: Any,
) -> None:
    counts = []
    for items in (10, 100):
        batch = make_batch(
            make_dataset(items, name=f"{items}"), rubric_version, name=f"{items}"
        )
        put(
            batch,
            ada,
            [
                judged(who, f"q{n}/{s}", n % 5 + 1, n % 3 == 0)
                for n in range(items)
                for s in ("heron", "wren")
                for who in ("ben", "cleo")
            ],
        )
        page, call, found = signed_in(ada), judge_api(ada), []
        page.get("/")
        for ask in (
            lambda p=page, b=batch: p.get(reverse("annotation:agreement", args=[b.pk])),
            lambda c=call, b=batch: c("get", "agreement", b.pk),
            lambda c=call, b=batch: c("get", "units", b.pk, query={"limit": 20}),
            lambda c=call, b=batch: c(
                "get", "units", b.pk, query={"order": "disagreement"}
            ),
        ):
            with queries_of() as queries:
                assert ask().status_code == 200
            found.append(len(queries))
        counts.append(found)
    assert counts[0] == counts[1]


def test_units_come_most_apart_first_and_page_by_page(
    judge_api: Any, ada: Any, by_hand: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("annotation.api.units.PAGE", 5)
    call, query = judge_api(ada), {"order": "disagreement", "state": "done"}
    found: list[Any] = []
    while True:
        page = call("get", "units", by_hand.pk, query=query).json()
        found += page["results"]
        if not page["next"]:
            break
        query["cursor"] = re.search(r"cursor=(\d+)", page["next"])[1]
    assert len({unit["id"] for unit in found}) == len(found) == 12
    first = found[0]
    assert first["outputs"] == ["q4/heron"]  # 1 and 2, and differently fluent.
    assert (first["item"], first["required"], first["submitted"]) == ("q4", 2, 2)
    spreads = [sum(c["spread"] for c in unit["criteria"]) for unit in found]
    assert spreads == sorted(spreads, reverse=True)
    accuracy = next(c for c in found[0]["criteria"] if c["key"] == "accuracy")
    assert (accuracy["output"], accuracy["values"]) == ("q4/heron", {"1": 1, "2": 1})
    nothing = call("get", "units", by_hand.pk, query={"state": "open"}).json()
    assert nothing["results"] == []


@pytest.mark.parametrize(
    "query",
    [
        {"state": "odd"},
        {"order": "name"},
        {"order": "disagreement", "cursor": "x"},
        {"order": "disagreement", "cursor": "²"},
        {"order": "disagreement", "cursor": "-1"},
        {"order": "disagreement", "cursor": "9" * 5_000},
    ],
)
def test_a_wrong_question_about_units_is_422(
    judge_api: Any, ada: Any, by_hand: Batch, query: dict[str, str]
) -> None:
    assert judge_api(ada)("get", "units", by_hand.pk, query=query).status_code == 422


def test_both_bad_is_as_far_from_a_preference_as_can_be(strength_version: Any) -> None:
    (question,) = published_instrument(strength_version.pk)

    def votes(*codes: str) -> list[Vote]:
        one, now = uuid7(), timezone.now()
        return [
            Vote(one, question.id, None, c, question.by_code[c].number, "", now, one)
            for c in codes
        ]

    assert spread(question, votes("first_2", "first_2")) == 0
    assert spread(question, votes("both_bad", "both_bad")) == 0
    assert spread(question, votes("first_2", "second_2")) == 1
    assert spread(question, votes("first_2", "first_1")) == 0.25
    assert spread(question, votes("first_2", "both_bad")) == 1
    assert spread(question, votes("first_1")) == 0


def test_the_same_rows_give_the_same_interval(by_hand: Batch) -> None:
    first, second = measure_batch(by_hand), measure_batch(by_hand)
    assert [c.measured for c in first.criteria] == [c.measured for c in second.criteria]
