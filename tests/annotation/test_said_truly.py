"""What screens say of numbers, states and answers, in the words that are true."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Project, User
from annotation.actions.calibration import Round, move_calibration
from annotation.actions.datasets import create_dataset
from annotation.actions.importing import import_outputs
from annotation.actions.judgments import import_judgments
from annotation.answers.spoken import by_output
from annotation.content import first_words, words_in
from annotation.importing.readers import Row
from annotation.models import Answer, Assignment, Batch, Dataset
from rubrics.instrument import published_instrument
from tests.annotation.before_work import WRONG, judge, training
from tests.rubrics.fixtures import published

IMAGE = {
    "type": "image",
    "url": "https://files.example.org/1.png",
    "alt": "A grey bird",
}


def text_of(reply: Any) -> str:
    """What a page says, without its marks."""
    text = re.sub(r"<[^>]+>", " ", reply.content.decode())
    return " ".join(text.split())


@pytest.mark.parametrize(
    "content",
    [IMAGE, [IMAGE], [{"role": "assistant", "content": [IMAGE]}], {"drawn": IMAGE}],
)
def test_required_evidence_is_not_asked_where_there_are_only_media(
    project: Project,
    ada: User,
    ben: User,
    make_batch: Any,
    claim: Any,
    judge_api: Any,
    ben_s_browser: Any,
    content: Any,
) -> None:
    dataset = create_dataset(project=project, name="Pictures", by=ada)
    output = {"id": "p/1", "system": "heron", "content": content}
    record = {"id": "p", "input": "Draw a bird.", "outputs": [output]}
    import_outputs(dataset=dataset, rows=[Row(1, record)], by=ada, source="p.jsonl")
    asked = {"key": "true", "question": "Is it?", "scale": {"kind": "binary"}}
    version = published(project, ada, "Drawn", [asked | {"evidence": "required"}])
    mine = claim(ben, make_batch(dataset, version))
    page = ben_s_browser.get(mine.get_absolute_url()).content.decode()
    assert ">needed<" not in page
    assert words_in(content) == 0
    ben_s_browser.post(mine.get_absolute_url(), {"answer-true-A": "true"})
    assert Answer.objects.filter(judgment__assignment=mine).count() == 1


def test_words_beside_a_picture_are_words() -> None:
    parts = [IMAGE, {"type": "text", "text": "Two words"}]
    assert words_in([{"role": "user", "content": parts}]) == 2


def test_a_call_in_a_line_is_its_name() -> None:
    call = {"function": {"name": "look_up", "arguments": '{"order": 7}'}, "id": "1"}
    talk = [
        {"role": "user", "content": "Where is it?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
    ]
    assert first_words(talk) == "Where is it? calls look_up"


def test_values_apart_are_said_as_people_know_them(
    project: Project, ada: User, dataset: Dataset, make_batch: Any, signed_in: Any
) -> None:
    scales: dict[str, Any] = {
        "sendable": {"kind": "binary"},
        "better": {"kind": "preference", "strength": True},
        "order": {"kind": "ranking"},
    }
    criteria = [
        {"key": key, "question": f"{key}?", "scale": scale}
        for key, scale in scales.items()
    ]
    batch = make_batch(
        dataset, published(project, ada, "All", criteria), layout="pairwise"
    )
    rows = [
        {
            "annotator": f"{who}@example.org",
            "outputs": ["q0/heron", "q0/wren"],
            "answers": {
                "sendable": {"A": True, "B": who == "ben"},
                "better": {"choice": "A", "strength": strength},
                "order": order,
            },
        }
        for who, strength, order in [("ben", 1, ["A", "B"]), ("cleo", 2, [["A", "B"]])]
    ]
    counts = import_judgments(
        batch=batch, rows=[Row(n, row) for n, row in enumerate(rows, 1)], by=ada
    )
    assert counts.rejected == 0, counts.errors
    url = reverse("annotation:agreement", args=[batch.pk])
    said = text_of(signed_in(ada).get(url))
    assert "sendable · q0/wren : Yes × 1, No × 1" in said
    assert "sendable · q0/heron" not in said
    assert "q0/heron slightly better × 1, q0/heron much better × 1" in said
    assert "q0/heron &gt; q0/wren × 1, q0/heron = q0/wren × 1" in said


def test_a_text_is_cut_among_values(rubric_version: Any) -> None:
    remark = list(published_instrument(rubric_version.pk))[2]
    assert by_output(remark, "x" * 99, ["a"]) == "x" * 39 + "…"


def test_who_cannot_judge_gave_no_value(
    project: Project, ada: User, dataset: Dataset, make_batch: Any, signed_in: Any
) -> None:
    asked: dict[str, Any] = {
        "key": "true",
        "question": "Is it?",
        "scale": {"kind": "binary"},
    }
    many = {"kind": "multiple", "levels": [{"value": "a"}, {"value": "b"}]}
    criteria = [
        asked | {"allow_cannot_judge": True},
        asked | {"key": "many", "scale": many, "required": False},
    ]
    batch = make_batch(dataset, published(project, ada, "Hard", criteria))
    rows = [
        {
            "annotator": f"{who}@example.org",
            "output": "q0/heron",
            "answers": {"true": {"absent": "cannot_judge"}},
        }
        for who in ("ben", "cleo")
    ]
    import_judgments(
        batch=batch, rows=[Row(n, row) for n, row in enumerate(rows, 1)], by=ada
    )
    url = reverse("annotation:agreement", args=[batch.pk])
    said = text_of(signed_in(ada).get(url))
    assert "No unit has values from two annotators." in said
    assert "not defined for this kind of answer: any number of categories." in said


def test_a_calibration_judgment_stays_and_says_why(
    make_batch: Any,
    dataset: Dataset,
    rubric_version: Any,
    ada: User,
    ben: User,
    ben_s_browser: Any,
) -> None:
    batch: Batch = make_batch(dataset, rubric_version, calibration=Round(1))
    mine = judge(ben, batch)
    one = reverse("annotation:mine-one", args=[mine.pk])
    assert "Change it" in text_of(ben_s_browser.get(one))
    move_calibration(batch=batch, to="discussion", by=ada)
    said = text_of(ben_s_browser.get(one))
    assert "Calibration judgments stay as they were given" in said
    assert "Its batch is closed" not in said
    listed = ben_s_browser.get(reverse("annotation:mine", args=[batch.pk]))
    assert '<span class="badge">Calibration</span>' in listed.content.decode()
    assert one in listed.content.decode()


def test_training_is_marked_and_leads_back_to_what_was_said(
    make_batch: Any,
    dataset: Dataset,
    rubric_version: Any,
    ben: User,
    ben_s_browser: Any,
) -> None:
    batch = make_batch(dataset, rubric_version, training=training(2))
    both = [judge(ben, batch, WRONG) for _ in range(2)]
    page = ben_s_browser.get(reverse("annotation:training", args=[batch.pk]))
    assert "Not passed yet" in text_of(page)
    links = [reverse("annotation:feedback", args=[mine.pk]) for mine in both]
    places = [page.content.decode().index(link) for link in links]
    assert places == sorted(places)
    listed = ben_s_browser.get(reverse("annotation:mine", args=[batch.pk]))
    assert listed.content.decode().count('<span class="badge">Training</span>') == 2
    one = ben_s_browser.get(reverse("annotation:mine-one", args=[both[0].pk]))
    assert "You have seen what is right here; your answer stays." in text_of(one)
    assert links[0] in one.content.decode()


def test_explanations_of_training_are_markdown(
    trained_assignment: Assignment, ben_s_browser: Any
) -> None:
    trained_assignment.unit.known_answers.update(explanation="It **is** so.")
    url = reverse("annotation:feedback", args=[trained_assignment.pk])
    assert "It <strong>is</strong> so." in ben_s_browser.get(url).content.decode()


def test_a_draft_s_stages_have_not_begun(
    make_batch: Any, dataset: Dataset, rubric_version: Any, ada: User, signed_in: Any
) -> None:
    batch = make_batch(
        dataset, rubric_version, training=training(1), calibration=Round(1), open=False
    )
    client = signed_in(ada)
    said = text_of(client.get(batch.get_absolute_url()))
    assert "being judged" not in said
    assert "Let in" not in said
    assert "leased for 30 minutes" in said
    round_page = client.get(reverse("annotation:calibration", args=[batch.pk]))
    assert "The round begins when the batch is opened." in text_of(round_page)


def test_systems_are_named_with_their_datasets_where_there_are_several(
    make_dataset: Any,
    rubric_version: Any,
    project: Project,
    ada: User,
    signed_in: Any,
) -> None:
    url, client = reverse("annotation:batch-new", args=[project.pk]), signed_in(ada)
    make_dataset()
    assert "heron (" not in text_of(client.get(url))
    make_dataset(name="Answers", systems=("heron", "robin"))
    said = text_of(client.get(url))
    assert "heron (Answers, Questions)" in said
    assert "robin (Answers)" in said
    assert "wren (Questions)" in said
