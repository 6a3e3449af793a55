"""LLMFAO through the product: 2,139 pairs, 124 annotators, 8,931 votes with ties."""

from __future__ import annotations

import csv
import json
import math
from collections import defaultdict
from pathlib import Path
from typing import Any

import krippendorff
import pytest

from tests.real.steps import import_ndjson, make_batch, make_release

NOMINAL_ALPHA = 0.2906


@pytest.fixture
def folder(real_data: Path) -> Path:
    return real_data / "llmfao"


@pytest.fixture
def pairs(folder: Path) -> list[dict[str, Any]]:
    lines = (folder / "items.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture
def votes(folder: Path) -> list[dict[str, str]]:
    with (folder / "labels.csv").open() as file:
        return list(csv.DictReader(file))


def output_id(pair: dict[str, Any], which: int) -> str:
    return f"{pair['prompt_id']}/{pair[f'system_{which}']}"


def records(pairs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    prompts: dict[int, dict[str, Any]] = {}
    seen: set[str] = set()
    for pair in pairs:
        record = prompts.setdefault(
            pair["prompt_id"],
            {"id": str(pair["prompt_id"]), "input": pair["prompt"], "outputs": []},
        )
        for which in (1, 2):
            name = output_id(pair, which)
            if name not in seen:
                seen.add(name)
                record["outputs"].append(
                    {
                        "id": name,
                        "system": pair[f"system_{which}"],
                        "content": pair[f"response_{which}"],
                    }
                )
    return list(prompts.values())


@pytest.fixture
def imported(
    api: Any,
    ada: Any,
    project: Any,
    pairs: list[dict[str, Any]],
    votes: list[dict[str, str]],
) -> Any:
    engineer = api(ada)
    batch = make_batch(
        engineer,
        project,
        records=records(pairs),
        criteria=[
            {
                "key": "better",
                "question": "Which is better?",
                "target": "comparison",
                "scale": {"kind": "preference"},
            }
        ],
        layout="pairwise",
        overlap=5,
        pairs=[[output_id(pair, 1), output_id(pair, 2)] for pair in pairs],
    )
    by_id = {str(pair["pair_id"]): pair for pair in pairs}
    rows = [
        {
            "annotator": f"{vote['annotator']}@example.org",
            "outputs": [output_id(by_id[vote["pair_id"]], n) for n in (1, 2)],
            "answers": {"better": {"1": "A", "2": "B"}.get(vote["label"], "tie")},
        }
        for vote in votes
    ]
    counts = import_ndjson(
        engineer, f"batches/{batch}/judgments?create_annotators=1", rows
    )
    assert (counts["created"], counts["rejected"]) == (8_931, 0), counts["errors"][:3]
    return engineer, batch, rows


def alpha_from_the_file(votes: list[dict[str, str]]) -> float:
    codes = {"1": 0, "2": 1, "tie": 2}
    units = sorted({vote["pair_id"] for vote in votes})
    rows: dict[str, list[float]] = defaultdict(lambda: [math.nan] * len(units))
    place = {unit: index for index, unit in enumerate(units)}
    for vote in votes:
        rows[vote["annotator"]][place[vote["pair_id"]]] = codes[vote["label"]]
    matrix = list(rows.values())
    return float(krippendorff.alpha(matrix, level_of_measurement="nominal"))


def test_every_vote_arrives_and_alpha_is_that_of_the_raw_file(
    imported: Any, votes: list[dict[str, str]]
) -> None:
    engineer, batch, _ = imported
    assert engineer.get(f"/api/v1/batches/{batch}").json()["units"] == 2_139

    found = engineer.get(f"/api/v1/batches/{batch}/agreement").json()["criteria"][0]
    assert (found["units"], found["annotators"], found["ratings"]) == (
        2_139,
        124,
        8_931,
    )
    assert found["level"] == "nominal"
    assert found["alpha"]["value"] == pytest.approx(
        alpha_from_the_file(votes), abs=1e-9
    )
    assert found["alpha"]["value"] == pytest.approx(NOMINAL_ALPHA, abs=5e-5)


def test_votes_sent_again_or_the_other_way_round_change_nothing(imported: Any) -> None:
    engineer, batch, rows = imported
    counts = import_ndjson(engineer, f"batches/{batch}/judgments", rows)
    assert (counts["created"], counts["unchanged"]) == (0, 8_931)

    mirror = {"A": "B", "B": "A", "tie": "tie"}
    turned = [
        row
        | {
            "outputs": row["outputs"][::-1],
            "answers": {"better": mirror[row["answers"]["better"]]},
        }
        for row in rows[:200]
    ]
    counts = import_ndjson(engineer, f"batches/{batch}/judgments", turned)
    assert (counts["created"], counts["unchanged"], counts["rejected"]) == (0, 200, 0)


def test_gold_by_majority_has_a_label_or_a_reason_for_each_pair(
    imported: Any, project: Any
) -> None:
    engineer, batch, _ = imported
    release = make_release(engineer, project, batch, rule="majority")
    assert release["counts"]["labels"] == 1_831
    assert release["counts"]["unresolved"] == 308
