"""Outputs that name who wrote them: found on import, listed, masked or kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from time import thread_time
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.safestring import mark_safe

from accounts.models import AuditEvent, User
from annotation.actions.importing import import_outputs
from annotation.actions.leaks import decide_leaks
from annotation.content.masking import masked, spoken
from annotation.importing.readers import Row
from annotation.leaks import Scanner
from annotation.models import Assignment, Batch, Dataset, IdentityLeak, Output
from annotation.models.leak import LeakState
from tests.annotation.fixtures import ndjson
from tests.annotation.queries import queries_of

# --- What is found --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("I'm ChatGPT, a model trained by OpenAI.", ["ChatGPT", "OpenAI"]),
        ("i am chatgpt", ["ChatGPT"]),
        (
            "GPT-4 beats gpt-3.5-turbo-0613.",
            ["GPT-4", "gpt-3.5-turbo-0613"],
        ),
        ("GPT4o-mini says so", ["GPT4o-mini"]),
        ("I am Claude, made by Anthropic.", ["Claude", "Anthropic"]),
        ("This is Claude 3.5 Sonnet.", ["Claude 3.5 Sonnet"]),
        ("claude-3-5-sonnet-20240620", ["claude-3-5-sonnet-20240620"]),
        ("Bard, a chatbot by Google", ["Bard", "Google"]),
        ("Gemini 1.5 Pro", ["Gemini 1.5 Pro"]),
        ("As a model of Meta I can say", ["Meta"]),
        ("Llama-2-70b-chat", ["Llama-2-70b-chat"]),
        ("Mixtral 8x7B and Mistral Large", ["Mixtral 8x7B", "Mistral Large"]),
        ("DeepSeek-R1, Qwen2.5", ["DeepSeek-R1", "Qwen2.5"]),
        ("The assistant Command R+ by Cohere", ["Command R+", "Cohere"]),
        ("Grok, an AI by xAI", ["Grok", "xAI"]),
        ("Phi-3-mini, Gemma 2B, Falcon-40B", ["Phi-3-mini", "Gemma 2B", "Falcon-40B"]),
        ("vicuna-13b and GitHub Copilot", ["vicuna-13b", "GitHub Copilot"]),
        ("Ich bin Claude.", ["Claude"]),
        ("OpenAIs Modell", ["OpenAI"]),
        ("我是由OpenAI训练的ChatGPT。", ["OpenAI", "ChatGPT"]),
        (
            "As an AI language model developed by Quillwheel Labs, I cannot.",
            ["Quillwheel Labs"],
        ),
    ],
)
def test_names_of_models_and_vendors_are_found(text: str, terms: list[str]) -> None:
    assert [found.term for found in Scanner().find(text)] == terms


@pytest.mark.parametrize(
    "text",
    [
        "Claude Monet painted water lilies.",
        "My uncle Claude keeps a llama and a falcon.",
        "The bard sang while the mistral blew.",
        "Born under Gemini, she flew on Gemini 8.",
        "A meta-analysis; Meta-analyses of models.",
        "I grok it. Press Command R, or open the Command Prompt.",
        "The golden ratio phi, and phi2 of the model.",
        "Just google it; ideas cohere.",
        "The anthropic principle, or Anthropic principle.",
        "Falcon 9 lifts off.",
        "A disk with a GPT partition table.",
        "The table was made by hand by our team.",
        "The assistant was created by the Team.",
        "Chatting with openair staff.",
        "",
    ],
)
def test_words_that_are_no_names_of_models_are_left_alone(text: str) -> None:
    assert Scanner(["heron", "Wren", "with context", "GP", "2024"]).find(text) == []


def test_a_name_counts_once_with_its_places_and_the_words_around_it() -> None:
    text = "x" * 500 + " I am ChatGPT. Ask chatgpt again. " + "y" * 500
    (found,) = Scanner().find(text)
    assert (found.term, found.count) == ("ChatGPT", 2)
    assert "I am ChatGPT." in found.excerpt
    assert len(found.excerpt) <= 300


def test_the_projects_own_systems_are_names_however_their_parts_are_joined() -> None:
    scanner = Scanner(["plover-2", "Dunlin base v1", "wren"])
    assert [f.term for f in scanner.find("Plover 2 and DUNLIN-BASE-V1, wren")] == [
        "Plover 2",
        "DUNLIN-BASE-V1",
    ]
    assert scanner.find("plover-23 is another") == []


def test_every_text_of_structured_content_is_read() -> None:
    content = [
        {"role": "assistant", "content": [{"type": "text", "text": "I use GPT-4."}]},
        {"tool_calls": [{"function": {"arguments": {"OpenAI": ["Qwen", 4, None]}}}]},
    ]
    assert [f.term for f in Scanner().find(content)] == ["GPT-4", "OpenAI", "Qwen"]
    assert Scanner().find({"url": "data:image/png;base64,OpenAI"}) == []


def test_a_text_written_to_be_slow_is_bounded() -> None:
    many = " ".join(f"GPT-{n}" for n in range(50_000))
    assert len(Scanner().find(many)) == 100
    (one,) = Scanner().find("GPT-4" + " Turbo" * 100_000)
    assert len(one.term) <= 100


# --- Masking --------------------------------------------------------------------------


def test_masks_keep_every_place() -> None:
    text = "😀 ChatGPT, chatgpt and ChatGPTs of OpenAI; OpenAIR is none."
    hidden = masked(text, ["ChatGPT", "openai"])
    assert hidden == "😀 ███████, ███████ and ███████s of ██████; OpenAIR is none."
    assert len(hidden) == len(text)


def test_masks_reach_every_text_and_no_key_is_lost() -> None:
    content = {"gpt-4": 1, "gpt-5": {"by": ["gpt-4", 2.5, None, True]}}
    hidden = masked(content, ["gpt-4", "gpt-5"])
    assert len(hidden) == 2
    assert "gpt" not in json.dumps(hidden)
    assert list(hidden.values())[1] == {"by": ["█████", 2.5, None, True]}
    assert masked(content, []) is content


def test_a_longer_name_is_hidden_whole() -> None:
    assert masked("GPT-4 Turbo", ["GPT-4", "GPT-4 Turbo"]) == "█" * 11


def test_blocks_are_read_as_a_hidden_name_but_drawn_bars_are_not() -> None:
    said = spoken(mark_safe('<p title="██">I am ███████. ████░░ done</p>'))
    assert said.count('aria-label="hidden name"') == 1
    assert 'role="img" aria-label="hidden name">███████</span>. ████░░' in said


# --- Import ---------------------------------------------------------------------------


def named(number: int, content: Any, system: str = "heron", **more: Any) -> Any:
    output = {"id": f"q{number}/{system}", "system": system, "content": content}
    return {"id": f"q{number}", "input": "Who are you?", "outputs": [output], **more}


def stored(dataset: Dataset) -> list[tuple[str, int, str, int]]:
    rows = IdentityLeak.objects.filter(dataset=dataset).order_by("pk")
    return [(r.output.external_id, r.output.revision, r.term, r.count) for r in rows]


def test_an_import_lists_names_and_again_changes_nothing(
    send: Any, blank: Dataset
) -> None:
    rows = [named(1, "I am ChatGPT by OpenAI."), named(2, "I am nobody.")]
    assert send(rows)["leaks"] == 1
    expected = [("q1/heron", 1, "ChatGPT", 1), ("q1/heron", 1, "OpenAI", 1)]
    assert stored(blank) == expected
    assert send(rows)["leaks"] == 0
    assert stored(blank) == expected


def test_a_check_counts_names_and_stores_none(send: Any, blank: Dataset) -> None:
    reply = send([named(1, "I am ChatGPT.")], dry_run=1)
    assert (reply["leaks"], stored(blank)) == (1, [])


def test_rejected_records_leave_no_names(send: Any, blank: Dataset) -> None:
    reply = send([named(1, "I am ChatGPT.") | {"colour": 1}])
    assert (reply["rejected"], reply["leaks"], stored(blank)) == (1, 0, [])


def test_a_revision_is_read_anew_and_the_old_decision_stays(
    send: Any, blank: Dataset, ada: User
) -> None:
    send([named(1, "I am ChatGPT.")])
    decide(blank, ada, "masked")
    send([named(1, "I am ChatGPT, again.")], on_change="revise")
    states = IdentityLeak.objects.order_by("output__revision").values_list(
        "output__revision", "state"
    )
    assert list(states) == [(1, "masked"), (2, "open")]


def test_replaced_content_is_read_anew_and_what_was_decided_stays_decided(
    send: Any, blank: Dataset, ada: User
) -> None:
    send([named(1, "I am ChatGPT by OpenAI.")])
    decide(blank, ada, "masked")
    send([named(1, "ChatGPT, ChatGPT and Qwen.")], on_change="update")
    rows = IdentityLeak.objects.order_by("term")
    assert [(r.term, r.state, r.count) for r in rows] == [
        ("ChatGPT", "masked", 2),
        ("Qwen", "open", 1),
    ]
    assert Output.objects.get().masks == ["ChatGPT"]


def test_other_fields_changed_keep_masks_and_names(
    send: Any, blank: Dataset, ada: User
) -> None:
    row = named(1, "I am ChatGPT.")
    send([row])
    decide(blank, ada, "masked")
    row["outputs"][0]["latency_ms"] = 7
    assert send([row], on_change="update")["leaks"] == 0
    assert Output.objects.get().masks == ["ChatGPT"]
    assert IdentityLeak.objects.get().state == "masked"


def test_a_system_that_comes_later_is_sought_in_what_came_before(
    blank: Dataset, ada: User
) -> None:
    early = [named(n, "Unlike plover-2 I care.", "dunlin-base") for n in range(600)]
    late = [named(n, "I am here.", "plover-2") for n in range(600, 1_200)]
    rows = [Row(n, data) for n, data in enumerate(early + late, start=1)]
    import_outputs(dataset=blank, rows=rows, by=ada)
    assert IdentityLeak.objects.filter(term="plover-2").count() == 600


def test_deleting_an_import_takes_its_names_along(
    send: Any, blank: Dataset, signed_in: Any, ada: User
) -> None:
    send([named(1, "I am ChatGPT.")])
    url = reverse("annotation:import-deletion", args=[blank.imports.get().pk])
    signed_in(ada).post(url)
    assert not IdentityLeak.objects.exists()


# --- Deciding -------------------------------------------------------------------------


def decide(dataset: Dataset, by: User, state: str, **which: Any) -> int:
    leaks = IdentityLeak.objects.filter(**which)
    return decide_leaks(dataset=dataset, leaks=leaks, state=state, by=by)


@pytest.fixture
def told(send: Any, blank: Dataset) -> Dataset:
    """Three outputs that name somebody, one that names nobody."""
    send(
        [
            named(1, "I am ChatGPT by OpenAI. <b>ChatGPT</b>"),
            named(2, "Ask ChatGPT."),
            named(3, "Search on Google."),
            named(4, "I am nobody."),
        ]
    )
    return blank


@pytest.fixture
def page(signed_in: Callable[[User], Client], ada: User, told: Dataset) -> Any:
    """page(state=…): the text of Ada's page; page.post(…) decides."""
    client = signed_in(ada)

    def show(**query: str) -> str:
        url = reverse("annotation:leaks", args=[told.pk])
        reply = client.get(url, query_params=query)
        assert reply.status_code == 200
        return reply.content.decode()

    def post(**fields: Any) -> str:
        url = reverse("annotation:leaks-decision", args=[told.pk])
        reply = client.post(url, fields, follow=True)
        assert reply.status_code == 200
        return reply.content.decode()

    show.post = post  # type: ignore[attr-defined]
    return show


def test_the_page_groups_names_and_shows_where_they_stand(page: Any) -> None:
    text = page()
    assert text.index("?state=open&amp;term=ChatGPT") < text.index("term=Google")
    assert "I am <mark>ChatGPT</mark> by OpenAI. &lt;b&gt;<mark>ChatGPT</mark>" in text
    one = page(term="ChatGPT")
    assert "q1/heron" in one
    assert "q2/heron" in one
    assert "q3/heron" not in one


def test_the_dataset_page_says_how_many_outputs_wait(
    signed_in: Any, ada: User, told: Dataset
) -> None:
    client, url = signed_in(ada), reverse("annotation:dataset", args=[told.pk])
    text = client.get(url).content.decode()
    assert "3 outputs name a model, a vendor or one of your systems." in text
    assert reverse("annotation:leaks", args=[told.pk]) in text
    decide(told, ada, "masked")
    text = client.get(url).content.decode()
    # As the page of names counts: outputs, of which one names two.
    assert "Outputs with names masked: 3, with names kept: 0." in text
    names = client.get(reverse("annotation:leaks", args=[told.pk])).content.decode()
    assert "3 outputs</span>" in names


def test_an_upload_says_how_many_outputs_name_somebody(
    signed_in: Any, ada: User, blank: Dataset
) -> None:
    def told(count: int) -> SimpleUploadedFile:
        rows = [named(n, "I am ChatGPT.") for n in range(count)]
        return SimpleUploadedFile("a.jsonl", ndjson(rows).encode())

    client = signed_in(ada)
    url = reverse("annotation:dataset", args=[blank.pk])
    reply = client.post(url, {"file": told(1), "on_change": "refuse"})
    assert "1 output names a model" in reply.content.decode()
    data = {"file": told(2), "on_change": "refuse", "dry_run": "on"}
    text = client.post(url, data).content.decode()
    assert "1 output in it names a model" in text


def test_a_term_is_masked_and_undone_in_place(page: Any, told: Dataset) -> None:
    text = page.post(to="masked", term="ChatGPT", **{"from": "open"})
    assert "2 names are masked" in text
    masks = dict(Output.objects.values_list("item__external_id", "masks"))
    assert masks == {"q1": ["ChatGPT"], "q2": ["ChatGPT"], "q3": [], "q4": []}
    event = AuditEvent.objects.get(verb="names masked")
    assert event.data == {"term": "ChatGPT", "names": 2}
    page.post(to="open", term="ChatGPT", **{"from": "masked"})
    assert not Output.objects.exclude(masks=[]).exists()
    assert not IdentityLeak.objects.exclude(state="open").exists()
    assert not IdentityLeak.objects.exclude(decided_by=None).exists()


def test_one_output_is_decided_alone(page: Any, ada: User) -> None:
    leak = IdentityLeak.objects.filter(term="ChatGPT").first()
    assert leak is not None
    page.post(to="kept", leak=leak.pk)
    leak.refresh_from_db()
    assert (leak.state, leak.decided_by) == ("kept", ada)
    assert leak.decided_at is not None
    assert IdentityLeak.objects.filter(state="open").count() == 3


def test_all_that_wait_are_decided_at_once_and_kept_ones_stay(
    page: Any, told: Dataset, ada: User
) -> None:
    decide(told, ada, "kept", term="Google")
    page.post(to="masked", all="1", **{"from": "open"})
    counts = [IdentityLeak.objects.filter(state=state).count() for state in LeakState]
    assert counts == [0, 3, 1]
    assert "Nothing waits for you" in page()


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"to": "masked"},
        {"to": "masked", "from": "open"},
        {"to": "burnt", "from": "open", "all": "1"},
        {"to": "masked", "leak": "9" * 30},
        {"to": "masked", "leak": "x", "from": "nowhere"},
    ],
)
def test_a_form_that_chooses_nothing_changes_nothing(page: Any, fields: Any) -> None:
    assert "Choose what is to be masked or kept." in page.post(**fields)
    assert not IdentityLeak.objects.exclude(state="open").exists()


def test_names_of_another_dataset_are_out_of_reach(
    page: Any, told: Dataset, make_dataset: Any, ada: User
) -> None:
    other = make_dataset(items=1, name="Other")
    output = other.outputs.first()
    leak = IdentityLeak.objects.create(
        dataset=other, output=output, term="Secret", count=1, excerpt="Secret"
    )
    page.post(to="masked", leak=leak.pk)
    assert "Secret" not in page()
    leak.refresh_from_db()
    assert leak.state == "open"


def test_the_page_asks_as_little_for_many_names_as_for_few(
    page: Any, told: Dataset, send: Any
) -> None:
    with queries_of() as few:
        page()
    send([named(n, f"I am GPT-{n}.") for n in range(10, 50)])
    with queries_of() as many:
        page()
    assert len(many) == len(few) <= 12


# --- API ------------------------------------------------------------------------------


def test_names_are_listed_and_decided_by_api(
    api: Any, ada: User, told: Dataset
) -> None:
    client = api(ada)
    url = reverse("api:leaks", args=[told.pk])
    rows = client.get(url, query_params={"term": "OpenAI"}).json()["results"]
    assert rows == [
        {
            "item": "q1",
            "output": "q1/heron",
            "revision": 1,
            "term": "OpenAI",
            "count": 1,
            "excerpt": "I am ChatGPT by OpenAI. <b>ChatGPT</b>",
            "state": "open",
            "decided_at": None,
            "decided_by": None,
        }
    ]
    decision = reverse("api:leaks-decision", args=[told.pk])

    def post(body: Any) -> Any:
        return client.post(decision, json.dumps(body), content_type="application/json")

    assert post({"state": "masked", "term": "ChatGPT"}).json() == {
        "changed": 2,
        "open": 2,
        "masked": 2,
        "kept": 0,
    }
    assert post({"state": "kept", "outputs": ["q3/heron"]}).json()["kept"] == 1
    assert post({"state": "open", "all": True}).json()["open"] == 4
    assert client.get(url, query_params={"state": "kept"}).json()["results"] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "state"),
        ({"state": "masked"}, "term"),
        ({"state": "masked", "outputs": []}, "outputs"),
        ({"state": "burnt", "all": True}, "state"),
        ({"state": "kept", "all": True, "term": "ChatGPT"}, "term"),
        ({"state": "kept", "all": True, "colour": 1}, "colour"),
    ],
)
def test_a_decision_that_names_nothing_is_refused(
    api: Any, ada: User, told: Dataset, body: Any, field: str
) -> None:
    url = reverse("api:leaks-decision", args=[told.pk])
    reply = api(ada).post(url, json.dumps(body), content_type="application/json")
    assert reply.status_code == 422
    assert [error["field"] for error in reply.json()["errors"]] == [field]
    assert not IdentityLeak.objects.exclude(state="open").exists()


def test_an_unknown_state_in_the_list_is_refused(
    api: Any, ada: User, told: Dataset
) -> None:
    url = reverse("api:leaks", args=[told.pk])
    assert api(ada).get(url, query_params={"state": "x"}).status_code == 422


# --- Secrecy --------------------------------------------------------------------------

SECRET = [
    "I am **ChatGPT**, and `ChatGPT` again.",
    [{"role": "assistant", "content": "chatgpt speaking"}, {"name": "ChatGPT"}],
    {"ChatGPT": {"deep": ["by ChatGPT", "ChatGPTs"]}},
    "```python\nprint('ChatGPT')\n```",
    "Long. " * 900 + "At the end ChatGPT. " + "Long. " * 900,
]


@pytest.fixture
def told_pair(
    send: Any, blank: Dataset, make_batch: Any, mixed_version: Any
) -> Callable[[Any], Batch]:
    """told_pair(content): a batch with one pair of it."""

    def make(content: Any) -> Batch:
        outputs = [
            {"id": f"q/{system}", "system": system, "content": content}
            for system in ("heron", "wren")
        ]
        send([{"id": "q", "input": "Is ChatGPT good?", "outputs": outputs}])
        return make_batch(blank, mixed_version, layout="pairwise")

    return make


@pytest.mark.parametrize("content", SECRET)
def test_a_masked_name_is_nowhere_in_what_an_annotator_gets(
    content: Any,
    told_pair: Any,
    claim: Any,
    signed_in: Any,
    api: Any,
    ada: User,
    ben: User,
    blank: Dataset,
) -> None:
    batch = told_pair(content)
    decide(blank, ada, "masked")
    assignment: Assignment = claim(ben, batch)
    client = signed_in(ben)
    page = reverse("annotation:assignment", args=[assignment.pk])
    look = reverse("annotation:specimen", args=[assignment.pk])
    replies = [
        client.get(page),
        client.get(page, headers={"HX-Request": "true"}),
        client.get(look),
        client.get(look, query_params={"view": "raw"}),
        client.get(look, query_params={"view": "differences"}),
        client.get(look, query_params={"of": "A", "all": "1"}),
        client.get(look, query_params={"of": "A", "part": "1"}),
        client.get(look, query_params={"of": "B", "part": "2"}),
        api(ben).get(reverse("api:assignment", args=[assignment.pk])),
    ]
    for reply in replies:
        text = reply.content.decode().replace("Is ChatGPT good?", "")
        assert "chatgpt" not in text.casefold()
    shown = replies[-1].json()["outputs"]
    assert "█" * 7 in json.dumps(shown, ensure_ascii=False)


def test_the_screen_says_what_the_blocks_are_and_costs_no_query_more(
    told_pair: Any, claim: Any, signed_in: Any, ada: User, ben: User, blank: Dataset
) -> None:
    batch = told_pair("I am ChatGPT.")
    assignment = claim(ben, batch)
    url = reverse("annotation:assignment", args=[assignment.pk])
    client = signed_in(ben)
    client.get(url)
    with queries_of() as before:
        assert "ChatGPT." in client.get(url).content.decode()
    decide(blank, ada, "masked")
    with queries_of() as after:
        text = client.get(url).content.decode()
    assert text.count('aria-label="hidden name"') == 2
    assert len(after) == len(before)


def test_managers_read_and_export_the_original(
    told_pair: Any, api: Any, ada: User, blank: Dataset
) -> None:
    told_pair("I am ChatGPT.")
    decide(blank, ada, "masked")
    items = api(ada).get(reverse("api:items", args=[blank.pk])).json()["results"]
    assert items[0]["outputs"][0]["content"] == "I am ChatGPT."


def test_decisions_reach_across_pieces(
    blank: Dataset, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [Row(n, named(n, "I am ChatGPT by OpenAI.")) for n in range(1, 30)]
    import_outputs(dataset=blank, rows=rows, by=ada)
    monkeypatch.setattr("annotation.actions.leaks.CHUNK", 7)
    assert decide(blank, ada, "masked") == 58
    assert decide(blank, ada, "masked") == 0
    assert set(map(tuple, Output.objects.values_list("masks", flat=True))) == {
        ("ChatGPT", "OpenAI")
    }
    assert AuditEvent.objects.filter(verb="names masked").count() == 1


def test_many_hidden_names_are_spoken_in_time_that_grows_with_the_text() -> None:
    start = thread_time()
    said = spoken(mark_safe("<p>" + "███████ " * 40_000 + "</p>"))  # noqa: S308
    assert said.count('class="mask"') == 40_000
    assert thread_time() - start < 4  # It grew with the square: minutes.
