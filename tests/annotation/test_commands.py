"""The commands: outputs from a file, and the invariants recounted."""

from __future__ import annotations

import gzip
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from annotation.models import Answer, Assignment, Batch, Dataset, Item, Judgment, Unit
from rubrics.models import Criterion
from tests.annotation.fixtures import ndjson, records
from tests.annotation.storm import judge_until_nothing_is_left


def run(*arguments: Any, **options: Any) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out, stderr=out, **options)
    return out.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "outputs.jsonl"
    path.write_text(ndjson(records(3)))
    return path


def test_a_file_makes_a_dataset_and_again_changes_nothing(
    project: Any, file: Path, olga: Any
) -> None:
    target = f"{project.name}/May"
    assert "3 created, 0 updated, 0 unchanged" in run("import_outputs", target, file)
    again = f"{project.pk}/May"
    assert "0 created, 0 updated, 3 unchanged" in run("import_outputs", again, file)
    assert Dataset.objects.get().created_by == olga


def test_gzip_formats_and_the_dry_run(project: Any, tmp_path: Path, file: Path) -> None:
    packed = tmp_path / "outputs.jsonl.gz"
    packed.write_bytes(gzip.compress(file.read_bytes()))
    target = f"{project.name}/May"
    with pytest.raises(CommandError, match="no dataset"):
        run("import_outputs", target, packed, dry_run=True)
    run("import_outputs", target, packed)
    other = tmp_path / "other.txt"
    other.write_text(json.dumps(records(5)))
    with pytest.raises(CommandError, match="--format"):
        run("import_outputs", target, other)
    said = run("import_outputs", target, other, format="json", dry_run=True)
    assert "2 created, 0 updated, 3 unchanged" in said
    assert Item.objects.count() == 3


@pytest.mark.parametrize(
    ("target", "content"),
    [
        ("Nowhere/May", "{}"),
        ("May", "{}"),
        ("Support answers/", "{}"),
        ("Support answers/May", ""),
        ("Support answers/May", '{"id": "x"}'),
        ("Support answers/May", None),
    ],
)
def test_what_cannot_be_done_exits_with_a_sentence(
    project: Any, tmp_path: Path, target: str, content: str | None
) -> None:
    path = tmp_path / "outputs.jsonl"
    if content is not None:
        path.write_text(content)
    with pytest.raises(CommandError) as refusal:
        run("import_outputs", target, path)
    assert str(refusal.value)
    if content is None:
        assert not Dataset.objects.exists()


def test_changed_rows_are_named_and_the_exit_tells(project: Any, file: Path) -> None:
    run("import_outputs", f"{project.name}/May", file)
    rows = records(3)
    rows[1]["outputs"][0]["content"] = "New."
    file.write_text(ndjson(rows))
    out = StringIO()
    with pytest.raises(CommandError, match="Not every record"):
        call_command(
            "import_outputs", f"{project.name}/May", file, stdout=out, stderr=out
        )
    assert "row 2, outputs.0.content:" in out.getvalue()
    options = {"on_change": "update"}
    assert "1 updated" in run("import_outputs", f"{project.name}/May", file, **options)


@pytest.fixture
def worked(open_batch: Batch, ben: Any, cleo: Any, claim: Any) -> Batch:
    """Ben has judged all, Cleo holds one."""
    judge_until_nothing_is_left(open_batch, ben, {"accuracy": 4, "fluent": True})
    claim(cleo, open_batch)
    return open_batch


def a_slot_too_many(batch: Batch) -> None:
    Unit.objects.filter(pk=batch.units.first().pk).update(taken=0)


def a_submission_without_judgment(batch: Batch) -> None:
    judgment = Judgment.objects.first()
    Answer.objects.filter(judgment=judgment).delete()
    judgment.delete()


def a_judgment_of_open_work(batch: Batch) -> None:
    row = Assignment.objects.filter(state="submitted").first()
    Assignment.objects.filter(pk=row.pk).update(state="reserved")


def an_answer_of_another_rubric(batch: Batch) -> None:
    stranger = Criterion.objects.exclude(version=batch.rubric_version).first()
    Answer.objects.filter(pk=Answer.objects.first().pk).update(criterion=stranger)


def an_assignment_of_another_batch(batch: Batch) -> None:
    other = Batch.objects.exclude(pk=batch.pk).get()
    Assignment.objects.filter(pk=Assignment.objects.first().pk).update(batch=other)


def test_what_holds_is_said_to_hold(worked: Batch) -> None:
    assert run("check_invariants") == "All invariants hold.\n"


@pytest.mark.parametrize(
    ("corrupt", "rule"),
    [
        (a_slot_too_many, "taken is the number of assignments"),
        (a_submission_without_judgment, "a submitted assignment has one current"),
        (a_judgment_of_open_work, "a judged assignment is submitted"),
        (an_answer_of_another_rubric, "an answer points to a criterion of its batch"),
        (an_assignment_of_another_batch, "an assignment names the batch of its unit"),
    ],
)
def test_each_corruption_is_named_and_the_exit_is_1(
    worked: Batch, pair_batch: Batch, corrupt: Any, rule: str
) -> None:
    corrupt(worked)
    out = StringIO()
    with pytest.raises(CommandError) as refusal:
        call_command("check_invariants", stdout=out)
    assert refusal.value.returncode == 1
    assert rule in out.getvalue()
