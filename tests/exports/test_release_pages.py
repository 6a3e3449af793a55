"""The screens of gold, as a manager walks through them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import Project, User
from annotation.models import Batch
from exports.models import GoldRelease, ReleaseState
from rubrics.models import RubricVersion
from tests.exports.fixtures import JudgedBatch, Released, built

SignedIn = Callable[[User], Client]
FILLED_IN = {
    "rule_accuracy": "median",
    "rule_fluent": "majority",
    "min_support": 2,
    "splits": "dev 0.25, test 0.75",
    "seed": 5,
}


def test_a_manager_releases_gold_by_the_form(
    signed_in: SignedIn, ada: User, project: Project, scored_batch: Batch
) -> None:
    client = signed_in(ada)
    address = f"/projects/{project.pk}/releases/new/"
    page = client.get(address).content.decode()
    assert "Batch 1 (units: 3, judged: 3)" in page
    assert 'name="rule_remark"' not in page
    assert 'name="tie"' not in page

    answer = client.post(address, FILLED_IN | {"batches": [scored_batch.pk]})

    release = GoldRelease.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == f"/releases/{release.pk}/"
    assert release.rule == {"accuracy": "median", "fluent": "majority"}
    assert release.options == {
        "tie": None,
        "min_support": 2,
        "splits": {"dev": 0.25, "test": 0.75},
        "seed": 5,
    }
    assert "is being built" in client.get(answer["Location"]).content.decode()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"batches": []}, "This field is required."),
        ({"rule_fluent": "median"}, "Select a valid choice."),
        ({"min_support": 0}, "greater than or equal to 1"),
        ({"splits": "dev"}, "is not a new name and a share"),
        ({"splits": "dev 0.5, dev 0.5"}, "is not a new name and a share"),
        ({"splits": "dev 0.5, test 0.4"}, "must add up to 1"),
        ({"splits": "a b 1"}, "Name a split with up to 30 letters"),
    ],
)
def test_a_form_that_cannot_be_is_shown_again(
    signed_in: SignedIn,
    ada: User,
    project: Project,
    scored_batch: Batch,
    changed: dict[str, Any],
    words: str,
) -> None:
    posted = FILLED_IN | {"batches": [scored_batch.pk]} | changed
    answer = signed_in(ada).post(f"/projects/{project.pk}/releases/new/", posted)

    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not GoldRelease.objects.exists()


def test_with_several_rubrics_one_is_chosen_first(
    signed_in: SignedIn,
    ada: User,
    project: Project,
    scored_batch: Batch,
    judged_batch: JudgedBatch,
    pairwise_version: RubricVersion,
) -> None:
    pairs = judged_batch(pairwise_version, {}, name="Pairs")
    client, address = signed_in(ada), f"/projects/{project.pk}/releases/new/"

    choice = client.get(address).content.decode()
    assert "Helpfulness, version 1" in choice
    assert "Better answer, version 1" in choice
    form = client.get(f"{address}?version={pairwise_version.pk}").content.decode()
    assert 'name="rule_overall"' in form
    assert 'name="tie"' in form
    assert "Batch 1" not in form
    answer = client.post(
        f"{address}?version={pairwise_version.pk}",
        {
            "batches": [pairs.pk],
            "rule_overall": "unanimous",
            "tie": "on",
            "min_support": 1,
            "seed": 0,
        },
    )
    assert answer.status_code == 422
    assert "preferences decided by majority" in answer.content.decode()
    nowhere = "00000000-0000-0000-0000-000000000000"
    assert client.get(f"{address}?version={nowhere}").status_code == 404
    assert client.get(f"{address}?version=x").status_code == 404


def test_without_a_batch_the_form_says_what_to_do(
    signed_in: SignedIn, ada: User, project: Project
) -> None:
    page = signed_in(ada).get(f"/projects/{project.pk}/releases/new/")

    assert "No batch yet" in page.content.decode()


def test_a_release_shows_counts_figures_reasons_and_its_hash(
    signed_in: SignedIn, ada: User, ready_release: GoldRelease
) -> None:
    page = signed_in(ada).get(f"/releases/{ready_release.pk}/").content.decode()

    assert ready_release.sha256 in page
    assert "2 values share the most votes." in page
    assert "Of 3 units 3 were judged, and in 2 of them every label is resolved." in page
    assert "true is most frequent" not in page
    assert "is most frequent" in page
    assert "Words have no consensus value." in page
    assert f"/api/v1/releases/{ready_release.pk}/download?format=jsonl" in page
    assert page.count('<svg class="chart"') == 3
    assert page.count("As a table") == 3
    assert " style=" not in page


def test_names_that_people_typed_are_escaped(
    signed_in: SignedIn,
    ada: User,
    ben: User,
    judged_batch: JudgedBatch,
    released: Released,
    pairwise_version: RubricVersion,
) -> None:
    evil = "<script>alert(1)</script>"
    votes = {ben: {"overall": "first"}}
    batch = judged_batch(
        pairwise_version,
        {f"q/{evil} q/b": votes, f"{evil}q2/a {evil}q2/b": {}},
        name=evil,
    )
    release = released([batch])

    page = signed_in(ada).get(f"/releases/{release.pk}/").content.decode()

    assert evil not in page
    assert "&lt;script&gt;" in page


def test_a_failed_release_says_why_and_offers_another(
    signed_in: SignedIn, ada: User, building_release: GoldRelease
) -> None:
    building_release.state, building_release.error = ReleaseState.FAILED, "Disk full."
    building_release.save()

    page = signed_in(ada).get(f"/releases/{building_release.pk}/").content.decode()

    assert "Disk full." in page
    assert "Release again" in page


def test_files_are_downloaded_from_the_page(
    signed_in: SignedIn, ada: User, ready_release: GoldRelease
) -> None:
    client = signed_in(ada)
    for file_format in ["jsonl", "unresolved", "csv", "csv_raw", "csv_changes", "xlsx"]:
        answer = client.get(
            f"/releases/{ready_release.pk}/download/?format={file_format}"
        )
        data = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
        assert answer["ETag"] == f'"{hashlib.sha256(data).hexdigest()}"'
    assert (
        client.get(f"/releases/{ready_release.pk}/download/?format=exe").status_code
        == 404
    )


def test_the_list_takes_the_same_queries_however_long_it_is(
    signed_in: SignedIn,
    ada: User,
    project: Project,
    released: Released,
    scored_batch: Batch,
    django_assert_max_num_queries: Any,
) -> None:
    client = signed_in(ada)
    address = f"/projects/{project.pk}/releases/"
    assert "No gold yet" in client.get(address).content.decode()
    for _ in range(3):
        released([scored_batch])

    with django_assert_max_num_queries(7):
        page = client.get(address).content.decode()

    assert page.index("Release 3") < page.index("Release 1")


def test_a_release_takes_the_same_queries_however_large_it_is(
    signed_in: SignedIn,
    ada: User,
    ben: User,
    cleo: User,
    judged_batch: JudgedBatch,
    released: Released,
    rubric_version: RubricVersion,
    django_assert_max_num_queries: Any,
) -> None:
    differ = {
        ben: {"accuracy": 1, "fluent": True},
        cleo: {"accuracy": 2, "fluent": False},
    }
    batch = judged_batch(rubric_version, {f"q{n}/a": differ for n in range(20)})
    release = released([batch])
    client = signed_in(ada)

    with django_assert_max_num_queries(9):
        page = client.get(f"/releases/{release.pk}/").content.decode()

    assert page.count("2 values share the most votes.") == 40


def test_htmx_gets_the_content_only(
    signed_in: SignedIn, ada: User, ready_release: GoldRelease
) -> None:
    address = f"/releases/{ready_release.pk}/"
    part = signed_in(ada).get(address, headers={"HX-Request": "true"})

    assert b"<!doctype html>" not in part.content
    assert b"Gold release 1" in part.content


def test_the_rule_of_the_form_is_what_the_release_is_built_by(
    signed_in: SignedIn, ada: User, project: Project, scored_batch: Batch
) -> None:
    signed_in(ada).post(
        f"/projects/{project.pk}/releases/new/",
        FILLED_IN | {"batches": [scored_batch.pk], "min_support": 1, "splits": ""},
    )

    release = built(GoldRelease.objects.get())

    assert release.counts == {"labels": 5, "unresolved": 1, "excluded": 3}
