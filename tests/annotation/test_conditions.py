"""Criteria that are asked only where an earlier one was answered so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Project, User
from annotation.actions.training import Training, TrainingItem
from annotation.answers.reading import InvalidAnswers, read_answers
from annotation.before_work.training import marked_answers
from annotation.forms.judgment import JudgmentForm
from annotation.models import Answer, Assignment, Batch, Dataset, Judgment
from annotation.rows import judgments_of, rows_of
from exports.models import GoldRelease
from rubrics.instrument import Instrument, published_instrument
from rubrics.models import RubricVersion
from tests.annotation.before_work import submit
from tests.annotation.screen import text
from tests.rubrics.fixtures import published

pytestmark = pytest.mark.django_db

LEVELS = {"kind": "ordinal", "levels": [{"value": 1}, {"value": 2}, {"value": 3}]}
ANSWERED: dict[str, Any] = {
    "key": "answered",
    "question": "Does it answer?",
    "scale": {"kind": "binary"},
    "allow_cannot_judge": True,
}
HOW_WELL: dict[str, Any] = {
    "key": "well",
    "question": "How well?",
    "scale": LEVELS,
    "when": {"criterion": "answered", "is": [True]},
    "rationale": "below:2",
}
FLAWS: dict[str, Any] = {
    "key": "flaws",
    "question": "Which flaws?",
    "scale": {"kind": "multiple", "levels": [{"value": "long"}, {"value": "rude"}]},
    "when": {"criterion": "well", "is": [1, 2]},
}
HOW_RUDE: dict[str, Any] = {
    "key": "rude",
    "question": "How rude?",
    "scale": {"kind": "numeric", "min": 0, "max": 9},
    "when": {"criterion": "flaws", "is": ["rude"]},
}
COMPARABLE: dict[str, Any] = {
    "key": "alike",
    "question": "Can they be compared?",
    "scale": {"kind": "binary"},
    "target": "comparison",
}
BETTER: dict[str, Any] = {
    "key": "better",
    "question": "Which is better?",
    "scale": {"kind": "preference"},
    "when": {"criterion": "alike", "is": [True]},
}
EACH: dict[str, Any] = {
    "key": "each",
    "question": "Is it any good?",
    "scale": {"kind": "binary"},
    "when": {"criterion": "alike", "is": [False]},
}
WHOLE = {"answered": True, "well": 2, "flaws": ["long", "rude"], "rude": 3}


@pytest.fixture
def chained(project: Project, ada: User) -> RubricVersion:
    """Each of four questions but the first hangs on the one before."""
    return published(project, ada, "Chained", [ANSWERED, HOW_WELL, FLAWS, HOW_RUDE])


@pytest.fixture
def chain(chained: RubricVersion) -> Instrument:
    return published_instrument(chained.pk)


@pytest.fixture
def gated_pairs(project: Project, ada: User) -> RubricVersion:
    """A question about both outputs opens one about both, or one about each."""
    return published(
        project, ada, "Gated pairs", [COMPARABLE, BETTER, EACH, ANSWERED, HOW_WELL]
    )


@pytest.fixture
def chained_batch(
    make_batch: Callable[..., Batch], dataset: Dataset, chained: RubricVersion
) -> Batch:
    return make_batch(dataset, chained)


def read(instrument: Instrument, answers: dict[str, Any], **more: Any) -> list[str]:
    """The questions answered, or the faults' fields."""
    order = more.pop("order", [0])
    try:
        given = read_answers(instrument, answers, side_order=order, **more)
    except InvalidAnswers as error:
        return [f"!{fault['field']}" for fault in error.errors]
    return [one.question.key for one in given]


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        (WHOLE, ["answered", "well", "flaws", "rude"]),
        ({"answered": False}, ["answered"]),
        ({"answered": {"absent": "cannot_judge"}}, ["answered"]),
        ({"answered": True, "well": 3}, ["answered", "well"]),
        ({"answered": True, "well": 2, "flaws": []}, ["answered", "well", "flaws"]),
        ({"answered": True}, ["!answers.well.A"]),
        ({"answered": False, "well": 3}, ["!answers.well.A"]),
        ({"answered": True, "well": 3, "rude": 1}, ["!answers.rude.A"]),
        # What hangs on a fault is neither missed nor refused.
        ({"answered": "perhaps", "well": 3}, ["!answers.answered.A"]),
        ({}, ["!answers.answered.A"]),
    ],
)
def test_a_question_is_asked_where_the_one_before_opens_it(
    chain: Instrument, answers: dict[str, Any], found: list[str]
) -> None:
    assert read(chain, answers) == found


def test_words_and_evidence_where_nothing_is_asked_are_refused_too(
    chain: Instrument,
) -> None:
    with pytest.raises(InvalidAnswers) as refused:
        read_answers(
            chain, {"answered": False}, {"well": {"A": "Good."}}, side_order=[0]
        )
    (fault,) = refused.value.errors
    assert fault["field"] == "answers.well.A"
    assert "only when “answered” is yes" in fault["message"]


def test_each_output_is_asked_by_its_own_answer_and_all_by_the_comparison(
    gated_pairs: RubricVersion,
) -> None:
    instrument = published_instrument(gated_pairs.pk)
    each = {"answered": {"A": True, "B": False}, "well": {"A": 3}}
    compared = {"alike": True, "better": "A"} | each
    assert read(instrument, compared, order=[1, 0]) == [
        *("alike", "better"),
        *("answered", "answered", "well"),
    ]
    apart = {"alike": False, "each": {"A": True, "B": True}} | each
    assert read(instrument, apart, order=[1, 0])[:3] == ["alike", "each", "each"]
    wrong_side = compared | {"well": {"B": 3}}
    assert read(instrument, wrong_side, order=[1, 0]) == [
        "!answers.well.A",
        "!answers.well.B",
    ]


def test_the_api_tells_the_condition_and_refuses_what_it_does_not_ask(
    judge_api: Any, chained_batch: Batch, ben: User
) -> None:
    call = judge_api(ben)
    unit = call("post", "next", chained_batch.pk).json()
    assert unit["rubric"]["criteria"][1]["when"] == {
        "criterion": "answered",
        "is": [True],
    }
    refused = call(
        "post", "judgment", unit["id"], {"answers": {"answered": False, "well": 2}}
    )
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == ["answers.well.A"]
    assert not Judgment.objects.exists()
    taken = call("post", "judgment", unit["id"], {"answers": {"answered": False}})
    assert taken.status_code == 201
    assert Answer.objects.count() == 1


def test_a_form_says_when_and_drops_what_nobody_asked(
    ben_s_browser: Client, chained_batch: Batch, ben: User, claim: Any
) -> None:
    mine: Assignment = claim(ben, chained_batch)
    page = text(ben_s_browser.get(mine.get_absolute_url()))
    assert 'data-when="answered" data-when-is="[&quot;true&quot;]"' in page
    assert "Only when “<bdi>Does it answer?</bdi>” is <bdi>Yes</bdi>." in page
    typed = {
        "answer-answered-A": "false",
        "answer-well-A": "1",
        "rationale-well-A": "x",
    }

    ben_s_browser.post(
        f"{mine.get_absolute_url()}draft/", typed | {"draft_version": "0"}
    )
    mine.refresh_from_db()
    assert mine.draft["answers"]["well"] == {"A": 1}  # It may be asked again.

    assert ben_s_browser.post(mine.get_absolute_url(), typed).status_code == 302
    assert Answer.objects.get().criterion.key == "answered"


def test_a_form_that_is_refused_keeps_what_is_hidden(
    chain: Instrument, rf: Any
) -> None:
    post = rf.post("/", {"answer-well-A": "3"}).POST
    form = JudgmentForm(chain, [0], posted=post)
    assert not form.is_valid()
    assert [error["field"] for error in form.errors] == ["answers.answered.A"]
    assert form.groups[1].controls[0].is_answered


def test_training_asks_and_marks_by_the_same_conditions(
    make_batch: Callable[..., Batch],
    dataset: Dataset,
    chained: RubricVersion,
    ben: User,
    claim: Any,
) -> None:
    items = [TrainingItem(["q0/heron"], {"answered": True, "well": 3}, {})]
    batch = make_batch(
        dataset, chained, training=Training(pass_mark=0.5, attempts=2, items=items)
    )
    mine = claim(ben, batch)
    submit(ben, mine, {"answered": False})
    mine.refresh_from_db()
    assert [(one.question.key, one.mark) for one in marked_answers(mine)] == [
        ("answered", "wrong"),
        ("well", "wrong"),
    ]


def test_what_was_not_asked_is_missing_from_the_rows(
    chained_batch: Batch, ben: User, claim: Any
) -> None:
    mine = claim(ben, chained_batch)
    submit(ben, mine, {"answered": False})
    (row,) = rows_of(chained_batch, list(judgments_of(chained_batch)), identities=False)
    assert list(row["answers"]) == ["answered"]


# --- Gold -----------------------------------------------------------------------------


def test_gold_labels_what_its_own_values_ask(
    judged_batch: Any,
    released: Callable[..., GoldRelease],
    chained: RubricVersion,
    ben: User,
    cleo: User,
) -> None:
    yes = {"answered": True, "well": 3}
    batch = judged_batch(
        chained,
        {
            "q1/a": {ben: yes, cleo: yes},
            "q2/a": {ben: {"answered": False}, cleo: {"answered": False}},
            "q3/a": {ben: yes, cleo: {"answered": False}},
        },
    )
    rule = {
        "answered": "majority",
        "well": "median",
        "flaws": "majority",
        "rude": "mean",
    }
    release = released([batch], rule)
    labels = [
        (label.item.external_id, label.criterion.key, label.value)
        for label in release.labels.select_related("item", "criterion")
    ]
    assert labels == [
        ("q1", "answered", True),
        ("q1", "well", 3),
        ("q2", "answered", False),
        ("q3", "answered", None),  # Who knows what would have been asked.
    ]
    assert release.counts == {"labels": 3, "unresolved": 1, "excluded": 0}


def test_the_first_page_says_when_a_question_is_asked(
    make_batch: Callable[..., Batch],
    dataset: Dataset,
    chained: RubricVersion,
    gated_pairs: RubricVersion,
    ben_s_browser: Client,
) -> None:
    def page_of(batch: Batch) -> str:
        return text(ben_s_browser.get(reverse("annotation:welcome", args=[batch.pk])))

    scored = page_of(make_batch(dataset, chained, name="Scored"))
    assert "Only when “<bdi>Does it answer?</bdi>” is <bdi>Yes</bdi>." in scored
    assert "Choose in the marked question" in scored
    assert "A is better, about equal, B is better" not in scored
    assert "<kbd>i</kbd>" not in scored, "there are no guidelines"
    pairs = make_batch(dataset, gated_pairs, name="Pairs", layout="pairwise")
    assert "A is better, about equal, B is better" in page_of(pairs)
