"""What leaves the project names nobody: every file and export, walked."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Membership, Project, Scope, User
from annotation.models import Batch
from exports.formats import FORMATS
from exports.models import GoldRelease

# In the files as distinct as in life: "Ben" alone would be found in "Beneath".
NAMES = {
    "ada": "Ada Quillfeather",
    "ben": "Ben Quagmire",
    "cleo": "Cleo Quintessa",
    "dov": "Dov Quirinal",
}


@pytest.fixture
def named_people(project: Project) -> list[str]:
    """Everybody's name and address, as they must not stand in a file."""
    for user in User.objects.all():
        first = user.email.partition("@")[0]
        user.name = NAMES.get(first, f"{first.title()} Quorum")
        user.save(update_fields=["name"])
    words = [*NAMES.values(), *(name.split()[1] for name in NAMES.values())]
    return [*words, "@example.org"]


@pytest.fixture
def program(api: Callable[..., Client], ada: User) -> Client:
    """Ada's script: it may export, but not identities."""
    scopes = [scope for scope in Scope if scope != Scope.EXPORT_IDENTITIES]
    return api(ada, scopes=scopes)


def said_in(response: Any) -> str:
    """All text of an answer, in whatever it is packed."""
    assert response.status_code == 200, response.content[:300]
    data = (
        b"".join(response.streaming_content) if response.streaming else response.content
    )
    if data.startswith(b"\x1f\x8b"):
        data = gzip.decompress(data)
    parts = [data]
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = [archive.read(name) for name in archive.namelist()]
    headers = " ".join(f"{name}: {value}" for name, value in response.items())
    return headers + "".join(part.decode("utf-8", "replace") for part in parts)


def named_in(text: str, words: list[str]) -> list[str]:
    return [word for word in words if word.lower() in text.lower()]


BATCH_ROUTES = [
    "judgments",
    "judgments.ndjson",
    "judgments.csv",
    "judgments.xlsx",
    "agreement",
    "units",
    "flags",
    "skips",
    "returns",
    "progress",
]


@pytest.mark.parametrize("route", BATCH_ROUTES)
def test_what_is_read_of_a_batch_names_nobody(
    program: Client, scored_batch: Batch, named_people: list[str], route: str
) -> None:
    scored_batch.assignments.update(submitted_at=timezone.now())  # As on a screen.
    text = said_in(program.get(f"/api/v1/batches/{scored_batch.pk}/{route}"))
    assert named_in(text, named_people) == []


def test_judgments_stand_under_pseudonyms(
    program: Client, scored_batch: Batch, ben: User
) -> None:
    text = said_in(program.get(f"/api/v1/batches/{scored_batch.pk}/judgments.ndjson"))
    assert Membership.objects.get(user=ben).pseudonym in text


@pytest.mark.parametrize("file_format", FORMATS)
def test_gold_names_nobody_in_any_format(
    program: Client,
    ready_release: GoldRelease,
    named_people: list[str],
    file_format: str,
) -> None:
    where = f"/api/v1/releases/{ready_release.pk}"
    text = said_in(program.get(f"{where}/download", {"format": file_format}))
    assert named_in(text, named_people) == []


def test_the_manifest_names_nobody(
    program: Client, ready_release: GoldRelease, named_people: list[str]
) -> None:
    ready_release.refresh_from_db()
    text = said_in(program.get(f"/api/v1/releases/{ready_release.pk}"))
    assert named_in(text + str(ready_release.manifest), named_people) == []


def test_hours_name_nobody(
    program: Client, project: Project, scored_batch: Batch, named_people: list[str]
) -> None:
    text = said_in(program.get(f"/api/v1/projects/{project.pk}/hours.csv"))
    assert named_in(text, named_people) == []


def test_the_walk_sees_a_name_where_one_is(
    api: Callable[..., Client],
    ada: User,
    scored_batch: Batch,
    named_people: list[str],
) -> None:
    """The test itself can fail: with the scope, the same files name people."""
    route = f"/api/v1/batches/{scored_batch.pk}/judgments"
    for extension in (".ndjson", ".csv", ".xlsx"):
        assert named_in(said_in(api(ada).get(route + extension)), named_people)
