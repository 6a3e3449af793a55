"""The judging screens over HTTP: shown, kept, refused, stored, and blind."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.models import Membership, Project, Role, User
from annotation.actions.datasets import create_dataset
from annotation.actions.importing import import_outputs
from annotation.importing.readers import Row
from annotation.models import Answer, Assignment, Batch, Dataset, Judgment, Skip
from rubrics.models import RubricVersion
from tests.annotation.queries import queries_of
from tests.annotation.screen import GOOD, text
from tests.rubrics.fixtures import published

HTMX = {"HX-Request": "true", "HX-Target": "screen"}
CHOSEN = re.compile(
    r'<input type="(?:radio|checkbox)" id="[^"]*" name="([^"]*)"'
    r'(?: value="([^"]*)")?[^>]* checked'
)


def chosen(response: HttpResponse) -> set[tuple[str, str]]:
    """What is ticked in the form; the panes of a phone are no part of it."""
    return {pair for pair in CHOSEN.findall(text(response)) if pair[0] != "pane"}


def hidden(response: HttpResponse, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', text(response))
    assert found, name
    return found[1]


# --- Page and fragment ----------------------------------------------------------------


@pytest.mark.parametrize("kind", ["open_batch", "pair_batch", "mixed_batch"])
def test_page_and_fragment_show_the_same_item(
    kind: str,
    request: pytest.FixtureRequest,
    ben_s_browser: Client,
    ben: User,
    claim: Callable[..., Assignment],
) -> None:
    address = claim(ben, request.getfixturevalue(kind)).get_absolute_url()
    page = ben_s_browser.get(address)
    fragment = ben_s_browser.get(address, headers=HTMX)

    form = re.compile(r'<form class="judge.*?</form>', re.DOTALL)
    # A second may pass between the two, so the lease may be shorter by one.
    passing = re.compile(r'name="csrfmiddlewaretoken" value="\w+"|data-lease="\d+"')
    shown = [passing.sub("", form.search(text(r))[0]) for r in (page, fragment)]  # type: ignore[index]
    assert shown[0] == shown[1]
    assert "<html" in text(page)
    assert "<html" not in text(fragment)
    assert text(fragment).lstrip().startswith("<title>Item 1 of ")
    assert "HX-Request" in fragment["Vary"]


def test_another_annotators_assignment_is_not_found(
    signed_in: Callable[[User], Client], assignment: Assignment, cleo: User
) -> None:
    address = assignment.get_absolute_url()
    client = signed_in(cleo)
    assert client.get(address).status_code == 404
    assert client.post(address, GOOD).status_code == 404
    assert client.post(f"{address}draft/", GOOD).status_code == 404
    assert client.post(f"{address}skip/", {"reason": "x"}).status_code == 404
    assert not Judgment.objects.exists()


def test_an_empty_output_is_said_to_be_empty(
    make_batch: Callable[..., Batch],
    dataset: Dataset,
    rubric_version: RubricVersion,
    claim: Callable[..., Assignment],
    ben: User,
    ben_s_browser: Client,
) -> None:
    dataset.outputs.update(content="")
    assignment = claim(ben, make_batch(dataset, rubric_version))
    assert "(empty)" in text(ben_s_browser.get(assignment.get_absolute_url()))


# --- Submitting -----------------------------------------------------------------------


def test_a_judgment_leads_to_the_next_item(
    ben_s_browser: Client, assignment: Assignment
) -> None:
    response = ben_s_browser.post(
        assignment.get_absolute_url(),
        GOOD | {"note": "Fine.", "elapsed_ms": "61000"},
        headers=HTMX,
        follow=True,
    )
    assert "Item 2 of 12" in text(response)
    judgment = Judgment.objects.get(assignment=assignment)
    assert (judgment.note, judgment.elapsed_ms) == ("Fine.", 61000)


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
@pytest.mark.parametrize(
    ("fault", "at"),
    [
        ({"answer-fluent-A": ""}, "answer-fluent-A-error"),
        ({"answer-accuracy-A": "6"}, "answer-accuracy-A-error"),
        ({"answer-accuracy-A": ["4", "5"]}, "answer-accuracy-A-error"),
        ({"note": "x" * 20_001}, "note-error"),
    ],
)
def test_what_cannot_stand_is_refused_where_it_was_entered(
    ben_s_browser: Client,
    assignment: Assignment,
    headers: dict[str, str],
    fault: dict[str, Any],
    at: str,
) -> None:
    sent = GOOD | {"answer-remark-A": "Kept as typed."} | fault
    response = ben_s_browser.post(assignment.get_absolute_url(), sent, headers=headers)

    assert response.status_code == 422
    assert f'id="{at}"' in text(response)
    assert 'id="form-errors"' in text(response)
    assert "Kept as typed." in text(response)
    assert not Judgment.objects.exists()


def test_a_form_without_a_field_is_refused_and_not_an_error(
    ben_s_browser: Client, assignment: Assignment
) -> None:
    assert ben_s_browser.post(assignment.get_absolute_url()).status_code == 422


@pytest.mark.parametrize("number", ["²", "9" * 5_000, "-1", "soon"])
def test_a_number_that_no_screen_sends_is_passed_over(
    ben_s_browser: Client, assignment: Assignment, number: str
) -> None:
    address = assignment.get_absolute_url()
    sent = GOOD | {"elapsed_ms": number, "draft_version": number, "supersedes": number}
    assert ben_s_browser.post(f"{address}draft/", sent).status_code == 200
    assert ben_s_browser.post(address, sent).status_code == 302
    assert Judgment.objects.get().elapsed_ms is None


def test_a_double_click_stores_one_judgment(
    ben_s_browser: Client, assignment: Assignment
) -> None:
    address = assignment.get_absolute_url()
    first = ben_s_browser.post(address, GOOD)
    second = ben_s_browser.post(address, GOOD)
    assert (first.status_code, first["Location"]) == (302, second["Location"])
    assert Judgment.objects.count() == 1
    assert Answer.objects.count() == 2


def test_a_submitted_item_shows_what_was_said_and_can_be_revised(
    ben_s_browser: Client, assignment: Assignment
) -> None:
    address = assignment.get_absolute_url()
    ben_s_browser.post(address, GOOD)
    shown = ben_s_browser.get(address)
    assert "You submitted this." in text(shown)
    assert chosen(shown) == set(GOOD.items())

    revised = GOOD | {
        "answer-accuracy-A": "2",
        "supersedes": hidden(shown, "supersedes"),
    }
    assert ben_s_browser.post(address, revised).status_code == 302
    assert Judgment.objects.count() == 2
    assert Judgment.objects.current().get().number == 2


def test_another_judgment_without_naming_the_first_is_shown_and_not_stored(
    ben_s_browser: Client, assignment: Assignment
) -> None:
    address = assignment.get_absolute_url()
    ben_s_browser.post(address, GOOD)
    response = ben_s_browser.post(address, GOOD | {"answer-accuracy-A": "1"})

    assert response.status_code == 409
    assert ("answer-accuracy-A", "1") in chosen(response)
    assert hidden(response, "supersedes") == str(Judgment.objects.get().pk)


# --- Every scale ----------------------------------------------------------------------

EVERY_SCALE: list[dict[str, Any]] = [
    {
        "key": "steps",
        "question": "How good?",
        "scale": {"kind": "ordinal", "levels": [{"value": n} for n in range(5)]},
        "allow_not_applicable": True,
        "rationale": "below:2",
    },
    {"key": "yes", "question": "Is it?", "scale": {"kind": "binary"}},
    {
        "key": "one",
        "question": "Which?",
        "scale": {"kind": "nominal", "levels": [{"value": "tea"}, {"value": "milk"}]},
        "allow_cannot_judge": True,
    },
    {
        "key": "many",
        "question": "Which of these?",
        "scale": {"kind": "multiple", "levels": [{"value": "rude"}, {"value": "long"}]},
        "allow_not_applicable": True,
    },
    {
        "key": "minutes",
        "question": "How long?",
        "scale": {"kind": "numeric", "min": 0, "max": 60, "step": 0.5, "unit": "min"},
    },
    {"key": "words", "question": "What?", "scale": {"kind": "text"}},
]
ANSWERED: dict[str, Any] = {
    "answer-steps-A": "0",
    "rationale-steps-A": "All of it is invented.",
    "answer-yes-A": "false",
    "answer-one-A": "milk",
    "answer-many-A": ["rude", "long"],
    "answer-minutes-A": "2.5",
    "answer-words-A": "Line one.\r\nLine two.",
}


@pytest.fixture
def every_scale(
    project: Project,
    ada: User,
    ben: User,
    dataset: Dataset,
    make_batch: Callable[..., Batch],
    claim: Callable[..., Assignment],
) -> Assignment:
    version = published(project, ada, "Every scale", EVERY_SCALE)
    return claim(ben, make_batch(dataset, version))


@pytest.mark.parametrize(
    ("change", "ticked"),
    [
        ({}, {("answer-many-A", "rude"), ("answer-many-A", "long")}),
        (
            {"answer-steps-A": "absent:not_applicable", "rationale-steps-A": ""},
            {("answer-steps-A", "absent:not_applicable")},
        ),
        (
            {"answer-one-A": "absent:cannot_judge"},
            {("answer-one-A", "absent:cannot_judge")},
        ),
        (
            {"answer-many-A": [], "answer-many-A-none": "on"},
            {("answer-many-A-none", "")},
        ),
        (
            {"answer-many-A": "absent:not_applicable"},
            {("answer-many-A", "absent:not_applicable")},
        ),
    ],
    ids=["levels", "not applicable", "cannot judge", "none of these", "absent box"],
)
@pytest.mark.parametrize("way", ["draft", "judgment"])
def test_every_scale_comes_back_as_it_was_entered(
    ben_s_browser: Client,
    every_scale: Assignment,
    change: dict[str, Any],
    ticked: set[tuple[str, str]],
    way: str,
) -> None:
    address = every_scale.get_absolute_url()
    sent = ANSWERED | change
    if way == "draft":
        reply = ben_s_browser.post(f"{address}draft/", sent | {"draft_version": "0"})
        assert reply.json()["version"] == 1
    else:
        assert ben_s_browser.post(address, sent).status_code == 302

    shown = ben_s_browser.get(address)
    assert ticked <= chosen(shown)
    assert ("answer-yes-A", "false") in chosen(shown)
    assert hidden(shown, "answer-minutes-A") == "2.5"
    assert "Line one.\nLine two.</textarea>" in text(shown)


@pytest.mark.parametrize(
    "change",
    [
        {"rationale-steps-A": ""},
        {"answer-many-A": ["rude", "absent:not_applicable"]},
        {"answer-many-A": []},
        {"answer-minutes-A": "61"},
        {"answer-minutes-A": "0.3"},
        {"answer-minutes-A": "1e999"},
        {"answer-minutes-A": "nan"},
        {"answer-one-A": ["tea", "absent:cannot_judge"]},
        {"answer-words-A": " "},
    ],
    ids=str,
)
def test_an_answer_off_its_scale_is_refused_and_stays_on_the_screen(
    ben_s_browser: Client, every_scale: Assignment, change: dict[str, Any]
) -> None:
    address = every_scale.get_absolute_url()
    sent = ANSWERED | change
    response = ben_s_browser.post(address, sent)
    assert response.status_code == 422
    assert len(re.findall(r'<p class="field__errors"', text(response))) == 1
    assert not Judgment.objects.exists()
    assert ben_s_browser.post(f"{address}draft/", sent).status_code == 200
    assert ben_s_browser.get(address).status_code == 200


def test_a_ranking_is_entered_by_place(
    project: Project,
    ada: User,
    ben: User,
    make_dataset: Callable[..., Dataset],
    make_batch: Callable[..., Batch],
    claim: Callable[..., Assignment],
    ben_s_browser: Client,
) -> None:
    question = {"key": "order", "question": "Best first.", "scale": {"kind": "ranking"}}
    version = published(project, ada, "Ranking", [question])
    dataset = make_dataset(2, systems=("heron", "wren", "finch"))
    batch = make_batch(dataset, version, layout="ranking")
    address = claim(ben, batch).get_absolute_url()

    places = {"rank-order-A": "2", "rank-order-B": "1", "rank-order-C": "2"}
    short = ben_s_browser.post(address, places | {"rank-order-C": ""})
    assert short.status_code == 422
    assert ben_s_browser.post(address, places).status_code == 302
    shown = text(ben_s_browser.get(address))
    assert len(re.findall(r'<option value="2" selected>', shown)) == 2


# --- Drafts and skips -----------------------------------------------------------------


def test_a_stale_draft_is_a_conflict_that_names_what_is_stored(
    ben_s_browser: Client, assignment: Assignment
) -> None:
    address = f"{assignment.get_absolute_url()}draft/"
    newest = GOOD | {"draft_version": "0"}
    assert ben_s_browser.post(address, newest).json()["version"] == 1
    assert ben_s_browser.post(address, newest).json()["version"] == 1  # A lost reply.
    stale = ben_s_browser.post(address, {"note": "Other.", "draft_version": "0"})
    assert (stale.status_code, stale.json()["version"]) == (409, 1)
    assignment.refresh_from_db()
    assert assignment.draft["answers"]["fluent"] == {"A": True}


def test_a_character_that_no_database_keeps_does_not_break_a_draft(
    ben_s_browser: Client, assignment: Assignment
) -> None:
    sent = {"note": "a\x00b", "answer-remark-A": "\x00", "answer-fluent-A": "\x00"}
    address = assignment.get_absolute_url()
    assert ben_s_browser.post(f"{address}draft/", sent).status_code == 200
    assert ben_s_browser.post(address, GOOD | {"note": "a\x00b"}).status_code == 302
    assert Judgment.objects.get().note == "ab"


def test_a_skip_says_why_and_goes_on(
    ben_s_browser: Client, assignment: Assignment
) -> None:
    address = f"{assignment.get_absolute_url()}skip/"
    without = ben_s_browser.post(address)
    assert without["Location"] == assignment.get_absolute_url()
    assert not Skip.objects.exists()

    reason = {"reason": "Something else.", "words": "It is about my employer."}
    following = ben_s_browser.post(address, reason)
    assert following["Location"] not in ("", assignment.get_absolute_url())
    assert Skip.objects.get().reason == "Something else. It is about my employer."


# --- Home and the end -----------------------------------------------------------------


def test_home_offers_the_work_to_resume(
    ben_s_browser: Client, assignment: Assignment, open_batch: Batch
) -> None:
    ben_s_browser.post(assignment.get_absolute_url(), GOOD)
    page = text(ben_s_browser.get("/"))
    assert "Resume" in page
    assert f'action="/batches/{open_batch.pk}/next/"' in page
    assert re.search(r'item <span class="num">2</span> of <span class="num">12<', page)


def test_home_says_what_to_do_when_there_is_nothing(
    signed_in: Callable[[User], Client], project: Project, ben: User, eve: User
) -> None:
    assert "Nothing is assigned to you yet" in text(signed_in(ben).get("/"))
    assert "You are not a member of a project yet" in text(signed_in(eve).get("/"))


def test_home_leads_members_with_other_roles_to_their_projects(
    signed_in: Callable[[User], Client], project: Project, ada: User, ben: User
) -> None:
    link = f'href="/projects/{project.pk}/"'
    assert link in text(signed_in(ada).get("/"))
    assert link not in text(signed_in(ben).get("/"))


def test_home_costs_the_same_with_many_batches(
    ben_s_browser: Client,
    make_batch: Callable[..., Batch],
    dataset: Dataset,
    rubric_version: RubricVersion,
    django_assert_max_num_queries: Any,
) -> None:
    for number in range(6):
        make_batch(dataset, rubric_version, name=f"Batch {number}")
    with django_assert_max_num_queries(15):
        assert text(ben_s_browser.get("/")).count("Start<span") == 6


def test_the_end_of_a_batch_thanks_and_counts(
    ben_s_browser: Client, assignment: Assignment, open_batch: Batch
) -> None:
    ben_s_browser.post(assignment.get_absolute_url(), GOOD)
    page = text(ben_s_browser.get(f"/batches/{open_batch.pk}/finished/"))
    assert "Thank you." in page
    assert re.search(r"Judged by you</dt><dd[^>]*>1<", page)
    assert "Look again" in page


# --- Blindness (invariant 9) ----------------------------------------------------------

CANARIES = [
    *("canary-item", "canary-output", "canary-system", "canary-family"),
    *("canary-segment", "canary-value", "canary-metadata", "canary-rationale"),
    *("canary-note", "canary-dataset", "canary-source", "canary-colleague"),
    *("98765431", "cleo@example.org"),
]


@pytest.fixture
def canary_batch(
    project: Project,
    ada: User,
    mixed_version: RubricVersion,
    make_batch: Callable[..., Batch],
) -> Batch:
    dataset = create_dataset(project=project, name="canary-dataset", by=ada)
    rows = [
        {
            "id": f"canary-item-{number}",
            "input": f"Question {number}?",
            "reference": "The reference.",
            "segments": {"canary-segment": "canary-value"},
            "metadata": {"canary-metadata": "canary-metadata"},
            "outputs": [
                {
                    "id": f"canary-output-{number}-{system}",
                    "system": f"canary-system-{system}",
                    "content": f"Answer of the {system} kind.",
                    "latency_ms": 98765431,
                    "cost_usd": 98765431,
                    "metadata": {"canary-metadata": 98765431},
                }
                for system in ("first", "second")
            ],
        }
        for number in range(3)
    ]
    records = [Row(n, row) for n, row in enumerate(rows, start=1)]
    import_outputs(dataset=dataset, rows=records, by=ada, source="canary-source.jsonl")
    project.systems.update(family="canary-family")
    return make_batch(dataset, mixed_version, layout="pairwise", name="Batch")


def test_nothing_that_an_annotator_sees_gives_the_blind_away(
    canary_batch: Batch,
    signed_in: Callable[[User], Client],
    claim: Callable[..., Assignment],
    ben: User,
    cleo: User,
) -> None:
    User.objects.filter(pk=cleo.pk).update(name="canary-colleague")
    both = {"answer-accuracy-A": "4", "answer-accuracy-B": "2", "answer-overall": "A"}
    said = {"rationale-overall": "canary-rationale", "note": "canary-note"}
    for _ in range(3):
        hers = claim(cleo, canary_batch)
        signed_in(cleo).post(hers.get_absolute_url(), both | said)
    assert Judgment.objects.count() == 3

    client = signed_in(ben)
    address = claim(ben, canary_batch).get_absolute_url()
    finished = f"/batches/{canary_batch.pk}/finished/"
    seen = [client.get(page) for page in ("/", address, finished)]
    seen += [client.get(page, headers=HTMX) for page in ("/", address, finished)]
    seen += [
        client.post(f"{address}draft/", both | {"draft_version": "0"}),
        client.post(f"{address}draft/", {"draft_version": "7"}),
        client.post(address, {"answer-accuracy-A": "9"}, headers=HTMX),
        client.post(address, both),
        client.post(address, both | {"answer-overall": "B"}),
        client.get(address),
        client.post(f"/batches/{canary_batch.pk}/next/"),
        client.post(f"{address}skip/", {"reason": "x"}),
    ]
    statuses = [response.status_code for response in seen]
    assert statuses == [200] * 6 + [200, 409, 422, 302, 409, 200, 302, 302]
    bytes_seen = "\n".join(text(r) + str(r.headers) for r in seen)
    assert [canary for canary in CANARIES if canary in bytes_seen] == []


# --- Untrusted text -------------------------------------------------------------------

HOSTILE = '<script>alert(1)</script><b hx-get="/x" onclick="y()">bold</b>'


def test_markup_in_content_is_shown_as_text(
    project: Project,
    ada: User,
    ben: User,
    make_batch: Callable[..., Batch],
    claim: Callable[..., Assignment],
    ben_s_browser: Client,
) -> None:
    dataset = create_dataset(project=project, name="Hostile", by=ada)
    record = {
        "id": "1",
        "input": [{"role": f"user{HOSTILE}", "content": f"asked {HOSTILE}"}],
        "reference": f"reference {HOSTILE}",
        "context": [{"title": f"title {HOSTILE}", "content": f"context {HOSTILE}"}],
        "outputs": [
            {"id": "1/a", "system": "a", "content": f"answered {HOSTILE}"},
            {"id": "1/b", "system": "b", "content": {"json": HOSTILE}},
        ],
    }
    import_outputs(dataset=dataset, rows=[Row(1, record)], by=ada, source="x")
    hostile = {
        "key": "steps",
        "question": f"question {HOSTILE}",
        "help": f"help {HOSTILE}",
        "scale": {
            "kind": "nominal",
            "levels": [
                {"value": HOSTILE, "label": HOSTILE, "anchor": HOSTILE},
                {"value": "b"},
            ],
        },
    }
    overall = {"key": "overall", "question": HOSTILE, "scale": {"kind": "preference"}}
    version = published(project, ada, f"rubric {HOSTILE}"[:100], [hostile, overall])
    batch = make_batch(
        dataset,
        version,
        layout="pairwise",
        name=f"batch {HOSTILE}",
        guidelines=f"guidelines {HOSTILE}",
    )
    address = claim(ben, batch).get_absolute_url()
    typed = {"note": f"</textarea>{HOSTILE}", "answer-steps-A": HOSTILE}
    for page in [
        ben_s_browser.get("/"),
        ben_s_browser.get(address),
        ben_s_browser.get(address, headers=HTMX),
        ben_s_browser.post(address, typed),
        ben_s_browser.get(f"/batches/{batch.pk}/finished/"),
    ]:
        html = text(page)
        assert "<script>alert" not in html
        assert "<b hx-get" not in html
        assert "&lt;script&gt;alert" in html
    shown = text(ben_s_browser.get(address))
    for where in ["asked", "answered", "context", "title", "guidelines", "question"]:
        assert f"{where} &lt;script&gt;" in shown, where


# --- Speed ----------------------------------------------------------------------------


def test_submitting_and_showing_the_next_costs_few_queries_however_many_units(
    make_dataset: Callable[..., Dataset],
    make_batch: Callable[..., Batch],
    rubric_version: RubricVersion,
    claim: Callable[..., Assignment],
    ben: User,
    ben_s_browser: Client,
) -> None:
    asked: dict[int, list[str]] = {}
    for units in (100, 1_000):
        dataset = make_dataset(units // 2, name=f"{units} units")
        batch = make_batch(dataset, rubric_version, name=f"{units} units")
        assert batch.units.count() == units
        address = claim(ben, batch).get_absolute_url()
        ben_s_browser.get(address, headers=HTMX)
        with queries_of() as asked[units]:
            following = ben_s_browser.post(address, GOOD, headers=HTMX)
        assert "Item 2 of" in text(following)
    assert len(asked[100]) <= 12, "\n".join(asked[100])
    assert len(asked[100]) == len(asked[1_000])


def test_who_has_left_the_project_does_not_find_the_work(
    ben_s_browser: Client, assignment: Assignment, project: Project, ben: User
) -> None:
    Membership.objects.filter(project=project, user=ben).update(role=Role.VIEWER)
    assert ben_s_browser.get(assignment.get_absolute_url()).status_code == 403
    Membership.objects.filter(project=project, user=ben).update(
        left_at=assignment.created_at
    )
    assert ben_s_browser.get(assignment.get_absolute_url()).status_code == 404
