"""The command `export_gold`, as a script calls it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import AuditEvent, Project, User
from exports.models import GoldRelease


def test_the_file_goes_to_standard_output_byte_for_byte(
    ready_release: GoldRelease, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    call_command("export_gold", "Support answers", "1")

    written = capsysbinary.readouterr().out
    assert hashlib.sha256(written).hexdigest() == ready_release.sha256


@pytest.mark.parametrize("file_format", ["jsonl", "csv", "xlsx", "unresolved"])
def test_or_to_a_file_in_any_format(
    ready_release: GoldRelease, tmp_path: Path, file_format: str
) -> None:
    target = tmp_path / "gold"
    call_command(
        "export_gold",
        str(ready_release.project_id),
        str(ready_release.pk),
        format=file_format,
        output=str(target),
    )

    kept = ready_release.files.get(format=file_format)
    assert hashlib.sha256(target.read_bytes()).hexdigest() == kept.sha256
    event = AuditEvent.objects.get(verb="gold release downloaded")
    assert event.data["format"] == file_format


@pytest.mark.parametrize(
    ("project_name", "release", "words"),
    [
        ("Nothing", "1", "There is no project 'Nothing'"),
        ("Support answers", "9", "Support answers has no release 9."),
        ("Support answers", "one", "neither a release's number nor its id"),
    ],
)
def test_what_is_not_there_is_said(
    ready_release: GoldRelease, project_name: str, release: str, words: str
) -> None:
    with pytest.raises(CommandError, match=words):
        call_command("export_gold", project_name, release)


def test_two_projects_of_one_name_need_an_id(
    ready_release: GoldRelease, ada: User
) -> None:
    Project.objects.create(name="Support answers", created_by=ada)

    with pytest.raises(CommandError, match="Several projects are named"):
        call_command("export_gold", "Support answers", "1")


def test_a_release_that_is_not_ready_is_not_exported(
    building_release: GoldRelease,
) -> None:
    with pytest.raises(CommandError, match="Gold release 1 is building"):
        call_command("export_gold", "Support answers", "1")
