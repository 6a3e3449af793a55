"""What a judging screen fetches: raw text, differences, folded parts, findings."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from annotation.models import Assignment, Batch, Item, Output, UnitOutput
from tests.annotation.test_content import long_text

HTMX = {"HX-Request": "true"}


@pytest.fixture
def bens(signed_in: Callable[[User], Client], ben: User) -> Client:
    return signed_in(ben)


@pytest.fixture
def pair(pair_batch: Batch, ben: User, claim: Callable[..., Assignment]) -> Assignment:
    return claim(ben, pair_batch)


def look(client: Client, assignment: Assignment, **query: Any) -> Any:
    address = reverse("annotation:specimen", args=[assignment.pk])
    return client.get(address, query_params=query)


def find(client: Client, assignment: Assignment, words: str) -> Any:
    address = reverse("annotation:context", args=[assignment.pk])
    return client.get(address, query_params={"find": words})


def rewrite(assignment: Assignment, *contents: Any, **item: Any) -> None:
    """Give the unit's outputs, and its item, other content."""
    rows = UnitOutput.objects.filter(unit=assignment.unit_id).order_by("position")
    for row, content in zip(rows, contents, strict=False):
        Output.objects.filter(pk=row.output_id).update(content=content)
    if item:
        Item.objects.filter(pk=assignment.unit.item_id).update(**item)


def test_the_raw_view_shows_every_output_as_it_was_written(bens, pair):
    rewrite(pair, "# **one**\n\n\n    and\ttwo  \n", "  # **two**")
    page = look(bens, pair, view="raw").content.decode()
    assert '<pre class="out--raw"># **one**\n\n\n    and\ttwo  \n</pre>' in page
    assert '<pre class="out--raw">  # **two**</pre>' in page


def test_differences_mark_what_only_one_side_says(bens, pair):
    rewrite(pair, "The quick fox.", "The slow fox.")
    page = look(bens, pair, view="differences").content.decode()
    assert page.count("<del>") == page.count("<ins>") == 1
    assert page.count("1 word stands only here") == 2


def test_one_output_differs_from_nothing(bens, assignment):
    assert look(bens, assignment, view="differences").status_code == 404


def test_a_part_is_fetched_by_its_number(bens, assignment):
    rewrite(assignment, long_text(200))
    page = look(bens, assignment, of="A", part=2).content.decode()
    assert ">Part 100<" in page
    assert ">Part 1<" not in page
    everything = look(bens, assignment, of="A", all=1).content.decode()
    assert ">Part 1<" in everything
    assert ">Part 199<" in everything


def test_rows_of_json_are_fetched_by_their_path(bens, assignment):
    rewrite(assignment, {"rows": list(range(1_000, 2_000))})
    asked = {"json": "0.0.value", "at": '["rows"]', "items": "800-1000"}
    page = look(bens, assignment, of="A", **asked).content.decode()
    assert page.count("<li>") == 200
    assert ">1999<" in page


@pytest.mark.parametrize(
    "query",
    [
        {"of": "B"},
        {"of": "context-9"},
        {"of": "context-0"},
        {"of": "context--1"},
        {"of": "context-²"},
        {"of": "metadata"},
        {"of": ""},
        {"of": "A", "part": "0"},
        {"of": "A", "part": "2"},
        {"of": "A", "part": "x"},
        {"of": "A", "json": "0.0.value"},
        {"of": "A", "json": "0.0.passage"},
        {"of": "A", "json": "0.0.said", "at": "x"},
        {"of": "A", "json": "0.0.said", "at": "[" * 5_000},
        {"of": "A", "json": "-1.0.said"},
        {"of": "A", "json": "0.0.said", "items": "9-1"},
    ],
)
def test_what_is_not_on_the_screen_is_not_found(bens, assignment, query):
    assert look(bens, assignment, **query).status_code == 404


def test_the_views_are_blind_and_masked(bens, pair):
    rewrite(pair, "I am Wren-9.", "I am Heron-9.", metadata={"secret": "parity"})
    Output.objects.update(masks=["wren-9", "heron-9"])
    names = [
        *Output.objects.values_list("external_id", flat=True),
        *("heron", "wren", "Heron", "Wren", "secret", "segments"),
    ]
    for query in (
        {"view": "raw"},
        {"view": "differences"},
        {"of": "A"},
        {"of": "B", "part": 1},
        {"of": "prompt"},
    ):
        response = look(bens, pair, **query)
        assert response.status_code == 200
        said = response.content.decode() + str(response.headers)
        assert [name for name in names if name in said] == []
    said = find(bens, pair, "fact").content.decode()
    assert [name for name in names if name in said] == []


def test_page_and_fragment_are_one_template(bens, assignment):
    address = reverse("annotation:specimen", args=[assignment.pk])
    assert b"<!doctype html>" in bens.get(address).content
    assert b"<!doctype html>" not in bens.get(address, headers=HTMX).content


def test_the_documents_that_hold_a_claim_come_first_with_their_counts(bens, assignment):
    documents = [
        {"title": f"Document {n}", "content": "Nothing here.\n\n" * 200}
        for n in range(50)
    ]
    documents[30]["content"] += "A refund takes 30 days. Refunds need a receipt."
    rewrite(assignment, "x", context=documents)
    page = find(bens, assignment, "The refund is paid within 30 days.").content.decode()
    assert "4 places" in page
    assert "in 1 document." in page
    first = page.index("Document 30<")
    assert first < page.index("Document 0<")
    assert '<mark class="best">' in page
    assert page.count('<details class="context') == 50
    assert len(page) < 60_000


def test_a_claim_that_stands_nowhere_is_said_so(bens, assignment):
    said = find(bens, assignment, "zebra").content.decode()
    assert "None of these words stands in the context." in said


def test_without_a_claim_the_documents_are_shown_as_they_are(bens, assignment):
    said = find(bens, assignment, "  ").content.decode()
    assert "places" not in said
    assert "Show this document" in said


@pytest.mark.parametrize(
    "words", ["(", "a" * 5_000, "\\", "[[[", "<script>", "\u202e", "%"]
)
def test_a_claim_of_any_characters_is_only_words(bens, assignment, words):
    response = find(bens, assignment, words)
    assert response.status_code == 200
    assert "<script>" not in response.content.decode().split("<body")[1]


def test_a_long_output_makes_a_short_screen(bens, assignment):
    rewrite(
        assignment, long_text(1_000), context=[{"title": "T", "content": "x " * 90_000}]
    )
    page = bens.get(assignment.get_absolute_url(), headers=HTMX).content
    assert len(page) < 60_000
    assert b"104,000 words; the first 2,080 are shown." in page


def test_text_that_is_json_is_a_tree_on_the_screen(bens, assignment):
    rewrite(assignment, json.dumps({"answer": [1, 2]}))
    page = bens.get(assignment.get_absolute_url()).content.decode()
    assert '<ul class="tree">' in page


def test_looking_costs_few_queries(bens, assignment, django_assert_max_num_queries):
    look(bens, assignment, view="raw")
    with django_assert_max_num_queries(4):
        look(bens, assignment, view="raw")
    with django_assert_max_num_queries(4):
        find(bens, assignment, "fact")
