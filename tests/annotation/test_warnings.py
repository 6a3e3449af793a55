"""Content warnings: imported with an item, told to managers, a cover for annotators."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from annotation.models import Dataset, Item
from tests.annotation.test_import import workbook

WORDS = "A road accident with an injury."


def warned(**more: Any) -> dict[str, Any]:
    outputs = [
        {"id": f"q/{system}", "system": system, "content": f"Answer of {place}."}
        for place, system in enumerate(("heron", "wren"))
    ]
    return {
        "id": "q",
        "input": "What now?",
        "warning": WORDS,
        "outputs": outputs,
    } | more


def test_a_warning_comes_with_an_item_and_can_be_added_later(
    send: Any, blank: Dataset, api: Any, ada: User
) -> None:
    plain = warned()
    del plain["warning"]
    send([plain])
    assert Item.objects.get().warning == ""
    assert send([warned()])["rejected"] == 1
    assert send([warned(warning=f"  {WORDS}\n")], on_change="update")["updated"] == 1
    assert Item.objects.get().warning == WORDS
    assert send([warned()])["unchanged"] == 1
    assert send([plain])["unchanged"] == 1
    items = api(ada).get(reverse("api:items", args=[blank.pk])).json()["results"]
    assert items[0]["warning"] == WORDS


@pytest.mark.parametrize("warning", [7, ["x"], {"a": 1}, "x" * 301])
def test_a_warning_that_is_none_is_refused_at_its_field(
    send: Any, warning: Any
) -> None:
    reply = send([warned(warning=warning)])
    assert [(e["row"], e["field"]) for e in reply["errors"]] == [(1, "warning")]
    assert not Item.objects.exists()


def test_flat_records_and_tables_have_the_column(send: Any) -> None:
    send([{"id": "a", "input": "?", "system": "s", "output": "!", "warning": WORDS}])
    send(f"id,input,system,output,warning\nb,?,s,!,{WORDS}\n", "text/csv")
    rows = [["id", "input", "system", "output", "warning"], ["c", "?", "s", "!", WORDS]]
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    send(workbook(*rows), kind)
    assert list(Item.objects.values_list("external_id", "warning").order_by("pk")) == [
        ("a", WORDS),
        ("b", WORDS),
        ("c", WORDS),
    ]


def test_managers_see_the_warning_on_the_datasets_page(
    send: Any, signed_in: Any, ada: User, blank: Dataset
) -> None:
    send([warned(warning="<b>Blood</b>")])
    url = reverse("annotation:dataset", args=[blank.pk])
    text = signed_in(ada).get(url).content.decode()
    assert "Content warning" in text
    assert "&lt;b&gt;Blood&lt;/b&gt;" in text


@pytest.mark.parametrize("layout", ["scoring", "pairwise"])
def test_the_screen_has_a_cover_that_opens_without_a_script(
    layout: str,
    send: Any,
    make_batch: Any,
    rubric_version: Any,
    pairwise_version: Any,
    claim: Any,
    signed_in: Any,
    api: Any,
    ben: User,
    blank: Dataset,
) -> None:
    send([warned()])
    version = rubric_version if layout == "scoring" else pairwise_version
    assignment = claim(ben, make_batch(blank, version, layout=layout))
    url = reverse("annotation:assignment", args=[assignment.pk])
    text = signed_in(ben).get(url).content.decode()
    assert text.count('class="cover"') == 1
    assert text.count(WORDS) == 1
    assert '<input type="checkbox" id="uncover"' in text
    assert "<kbd>o</kbd></dt>" in text
    shown = api(ben).get(reverse("api:assignment", args=[assignment.pk])).json()
    assert shown["item"]["warning"] == WORDS


def test_an_item_without_a_warning_has_no_cover(
    assignment: Any, signed_in: Any, api: Any, ben: User
) -> None:
    url = reverse("annotation:assignment", args=[assignment.pk])
    assert 'class="cover"' not in signed_in(ben).get(url).content.decode()
    shown = api(ben).get(reverse("api:assignment", args=[assignment.pk])).json()
    assert "warning" not in shown["item"]
