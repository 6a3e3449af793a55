"""The README is true: its tour runs, its links lead somewhere, its commands exist."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.core.management import get_commands

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()


def tour() -> str:
    block = re.search(r"<!-- tour -->\n```sh\n(.*?)```", README, re.DOTALL)
    assert block, "README.md has lost its tour"
    return block[1]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_tour_runs_as_it_stands(
    site: str, worker: Any, project: Any, ada: Any, tmp_path: Path
) -> None:
    from accounts.models import ApiToken

    if shutil.which("curl") is None and "CI" not in os.environ:
        pytest.skip("The tour needs curl.")
    _, token = ApiToken.issue(user=ada, made_by=ada)
    done = subprocess.run(
        ["bash", "-eu", "-o", "pipefail", "-c", tour()],
        cwd=tmp_path,
        env={
            "PATH": os.environ["PATH"],
            "TOUCHSTONE": f"{site}/api/v1",
            "TOKEN": token,
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2_000:] + done.stderr[-2_000:]
    assert '"created": 2' in done.stdout.replace('":2', '": 2')
    labels = [json.loads(line) for line in (tmp_path / "gold.jsonl").open()]
    assert {label["criterion"] for label in labels} >= {"sendable"}
    assert len([label for label in labels if label["criterion"] == "sendable"]) == 4


GUIDES = sorted(path.name for path in (ROOT / "docs").glob("*.md"))


@pytest.mark.parametrize("file", ["README.md", *GUIDES])
def test_links_lead_to_files_that_are_there(file: str) -> None:
    path = ROOT / file if file == "README.md" else ROOT / "docs" / file
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text()):
        assert (path.parent / target).exists(), f"{file} links to {target}"


def test_commands_that_are_named_exist() -> None:
    named = set(re.findall(r"manage\.py (\w+)", README))
    assert named
    assert named <= set(get_commands())
