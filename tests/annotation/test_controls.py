"""Every kind of scale in every layout: shown, answered without a script, read back."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client

from accounts.models import Project, User
from annotation.answers.stored import judgment_as_sent
from annotation.models import Assignment, Batch, Judgment
from rubrics.models import RubricVersion
from tests.rubrics.fixtures import published

LEVELS = [
    {"value": 1, "label": "Poor", "anchor": "Wrong."},
    {"value": 2, "anchor": "A slip."},
    {"value": 3, "label": "Good", "anchor": "All right."},
]
WORDS = [{"value": "warm"}, {"value": "cold", "anchor": "Distant."}]
# Of each kind: its scale, what is posted under answer-…, and the value that it means.
KINDS: dict[str, tuple[dict[str, Any], Any, Any]] = {
    "binary": ({"kind": "binary"}, "false", False),
    "nominal": ({"kind": "nominal", "levels": WORDS}, "cold", "cold"),
    "multiple": ({"kind": "multiple", "levels": WORDS}, ["warm", "cold"], None),
    "ordinal": ({"kind": "ordinal", "levels": LEVELS}, "3", 3),
    "numeric": (
        {"kind": "numeric", "min": 0, "max": 9, "step": 0.5, "unit": "minutes"},
        "2,5",
        2.5,
    ),
    "text": ({"kind": "text"}, "As it is.", "As it is."),
    "preference": ({"kind": "preference"}, "B", "B"),
    "strength": (
        {"kind": "preference", "strength": True},
        "A2",
        {"choice": "A", "strength": 2},
    ),
    "ranking": ({"kind": "ranking"}, None, None),
}
COMPARING = ("preference", "strength", "ranking")
LAYOUTS = {"scoring": 1, "pairwise": 2, "ranking": 4}


class Fields(HTMLParser):
    """The fields of the judging form, as a browser would send them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: dict[str, set[str]] = {}
        self.ids: list[str] = []
        self.labelled: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if found.get("id"):
            self.ids.append(str(found["id"]))
        if tag == "label":
            self.labelled.add(str(found.get("for")))
        if tag in ("input", "textarea", "select") and found.get("name"):
            name = str(found["name"])
            self.names.setdefault(name, set()).add(str(found.get("value") or ""))


@pytest.fixture
def assign(
    project: Project,
    ada: User,
    ben: User,
    make_dataset: Callable[..., Any],
    make_batch: Callable[..., Batch],
    claim: Callable[..., Assignment],
) -> Callable[..., Assignment]:
    def make(layout: str, criteria: list[dict[str, Any]]) -> Assignment:
        systems = ("heron", "wren", "rook", "crow")[: LAYOUTS[layout]]
        dataset = make_dataset(items=1, systems=systems)
        version: RubricVersion = published(project, ada, "Rubric", criteria)
        return claim(ben, make_batch(dataset, version, layout=layout))

    return make


def cases() -> list[Any]:
    found = []
    for layout, count in LAYOUTS.items():
        for kind in KINDS:
            targets = ["comparison"] if kind in COMPARING else ["output", "comparison"]
            for target in targets:
                if count == 1 and target == "comparison":
                    continue
                if count != 2 and kind in ("preference", "strength"):
                    continue
                name = f"{layout} {kind} {target}"
                found.append(pytest.param(layout, kind, target, id=name))
    return found


@pytest.mark.parametrize("rule", ["none", "required"])
@pytest.mark.parametrize(("layout", "kind", "target"), cases())
def test_every_kind_is_answered_in_every_layout(
    assign: Callable[..., Assignment],
    signed_in: Callable[[User], Client],
    ben: User,
    layout: str,
    kind: str,
    target: str,
    rule: str,
) -> None:
    scale, posted, value = KINDS[kind]
    criterion = {
        "key": "it",
        "question": "How is it?",
        "help": "Look at it.",
        "scale": scale,
        "target": target,
        "rationale": rule,
        "evidence": rule,
        "allow_not_applicable": True,
        "allow_cannot_judge": True,
    }
    assignment = assign(layout, [criterion])
    client, address = signed_in(ben), assignment.get_absolute_url()
    sides = "ABCD"[: LAYOUTS[layout]]
    ends = [f"it-{side}" for side in sides] if target == "output" else ["it"]
    shown = client.get(address).content.decode()
    fields = Fields(shown)
    assert len(fields.ids) == len(set(fields.ids))

    post: dict[str, Any] = {}
    for end in ends:
        if kind == "ranking":
            places = dict(zip(sides, "1123", strict=False))
            post |= {f"rank-it-{side}": place for side, place in places.items()}
        else:
            post[f"answer-{end}"] = posted
        if rule != "none":
            post[f"rationale-{end}"] = "Because."
    if rule != "none":
        wanted = sides if target == "output" else sides[:1]
        post |= {f"span-it-{side}-words": "Answer" for side in wanted}
    assert set(post) <= set(fields.names)
    assert ("rationale-" + ends[0] in fields.names) is (rule != "none")
    assert {f"answer-{end}" for end in ends} <= set(fields.names)
    for end in ends:
        assert fields.names[f"answer-{end}"] >= {
            "absent:not_applicable",
            "absent:cannot_judge",
        }

    reply = client.post(address, post)
    assert reply.status_code == 302, reply.content.decode()
    told = judgment_as_sent(assignment, Judgment.objects.get())
    if kind == "multiple":
        value = ["warm", "cold"]
    elif kind == "ranking":
        value = [["A", "B"], "C", "D"] if layout == "ranking" else [["A", "B"]]
    answers = told["answers"]["it"]
    assert answers == (dict.fromkeys(sides, value) if target == "output" else value)
    assert bool(told["spans"]) is (rule != "none")
    revised = client.get(address).content.decode()
    assert "You submitted this." in revised


@pytest.mark.parametrize(("layout", "kind", "target"), cases())
def test_an_answer_may_be_absent_in_every_layout_and_needs_no_words_then(
    assign: Callable[..., Assignment],
    signed_in: Callable[[User], Client],
    ben: User,
    layout: str,
    kind: str,
    target: str,
) -> None:
    criterion = {
        "key": "it",
        "question": "How is it?",
        "scale": KINDS[kind][0],
        "target": target,
        "rationale": "required",
        "evidence": "required",
        "allow_cannot_judge": True,
    }
    assignment = assign(layout, [criterion])
    sides = "ABCD"[: LAYOUTS[layout]]
    ends = [f"it-{side}" for side in sides] if target == "output" else ["it"]
    post = {f"answer-{end}": "absent:cannot_judge" for end in ends}
    reply = signed_in(ben).post(assignment.get_absolute_url(), post)
    assert reply.status_code == 302, reply.content.decode()


@pytest.mark.parametrize(
    ("scale", "below", "words"),
    [
        ({"kind": "ordinal", "levels": LEVELS}, 2, "needed below 2"),
        ({"kind": "binary"}, 1, "needed for “No”"),
        ({"kind": "numeric", "min": 0, "max": 9}, 2.5, "needed below 2.5"),
        ({"kind": "ordinal", "levels": LEVELS}, 1, "optional"),
    ],
)
def test_when_a_rationale_is_needed_is_said_in_words_that_are_true(
    assign: Callable[..., Assignment],
    signed_in: Callable[[User], Client],
    ben: User,
    scale: dict[str, Any],
    below: float,
    words: str,
) -> None:
    criterion = {
        "key": "it",
        "question": "How is it?",
        "scale": scale,
        "rationale": f"below:{below}",
    }
    address = assign("scoring", [criterion]).get_absolute_url()
    shown = signed_in(ben).get(address).content.decode()
    assert f'<span class="why__rule">{words}</span>' in shown


def test_each_level_is_described_by_its_anchor(
    assign: Callable[..., Assignment], signed_in: Callable[[User], Client], ben: User
) -> None:
    scale = KINDS["ordinal"][0]
    criteria = [
        {"key": "each", "question": "How good?", "scale": scale},
        {"key": "all", "question": "And both?", "scale": scale, "target": "comparison"},
        {"key": "yes", "question": "Is it?", "scale": {"kind": "binary"}},
    ]
    address = assign("pairwise", criteria).get_absolute_url()
    shown = signed_in(ben).get(address).content.decode()
    fields = Fields(shown)
    for key in ("each", "all"):
        for place in (1, 2, 3):
            assert f"anchor-{key}-{place}" in fields.ids
            assert f'aria-describedby="anchor-{key}-{place}"' in shown
    assert "anchor-yes-1" not in shown


def test_what_a_level_allows_is_kept_beside_one_that_contradicts_it(
    assign: Callable[..., Assignment], signed_in: Callable[[User], Client], ben: User
) -> None:
    criterion = {
        "key": "it",
        "question": "Which flaws?",
        "scale": KINDS["multiple"][0],
        "allow_cannot_judge": True,
    }
    address = assign("scoring", [criterion]).get_absolute_url()
    both = {"answer-it-A": ["warm", "absent:cannot_judge"]}
    reply = signed_in(ben).post(address, both)
    assert reply.status_code == 422
    assert reply.content.decode().count(" checked") == 2
