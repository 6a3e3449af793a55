"""SummEval-OP through the product: 416 summaries, 7 criteria, 3 annotators."""

from __future__ import annotations

import csv
import json
import math
from collections import defaultdict
from pathlib import Path
from typing import Any

import krippendorff
import pytest
from django.test import Client

from tests.real.steps import import_ndjson, make_batch, make_release, post

CRITERIA = [
    "fluency",
    "coherence",
    "relevance",
    "faithfulness",
    "aspect_coverage",
    "sentiment_consistency",
    "specificity",
]
# The figures of the dataset's own description, to its four decimals.
ORDINAL_ALPHA = {
    "fluency": 0.2765,
    "coherence": 0.2637,
    "relevance": 0.4088,
    "faithfulness": 0.5207,
    "aspect_coverage": 0.6038,
    "sentiment_consistency": 0.3509,
    "specificity": 0.2979,
}
Scores = dict[tuple[str, str, str], int]


@pytest.fixture
def folder(real_data: Path) -> Path:
    return real_data / "summeval_op"


@pytest.fixture
def scores(folder: Path) -> Scores:
    with (folder / "ratings.csv").open() as file:
        return {
            (row["item_id"], row["criterion"], row["annotator"]): int(row["score"])
            for row in csv.DictReader(file)
        }


@pytest.fixture
def imported(api: Any, ada: Any, project: Any, folder: Path, scores: Scores) -> Any:
    """The whole dataset, outputs and judgments, sent in through the API."""
    engineer = api(ada)
    batch = make_batch(
        engineer,
        project,
        records=list(records(folder)),
        criteria=[
            {
                "key": key,
                "question": f"How good is its {key}?",
                "target": "output",
                "scale": {
                    "kind": "ordinal",
                    "levels": [{"value": n, "label": str(n)} for n in range(1, 6)],
                },
            }
            for key in CRITERIA
        ],
        layout="scoring",
        overlap=3,
    )
    rows = list(judgments(scores))
    counts = import_ndjson(
        engineer, f"batches/{batch}/judgments?create_annotators=1", rows
    )
    assert (counts["created"], counts["rejected"]) == (len(rows), 0), counts["errors"]
    return engineer, batch, rows


def records(folder: Path) -> Any:
    products: dict[str, list[Any]] = defaultdict(list)
    for line in (folder / "items.jsonl").read_text().splitlines():
        item = json.loads(line)
        products[item["product_id"]].append(item)
    for line in (folder / "sources.jsonl").read_text().splitlines():
        source = json.loads(line)
        yield {
            "id": source["product_id"],
            "input": "Summarise the reviews.",
            "context": source["reviews"],
            "outputs": [
                {
                    "id": item["item_id"],
                    "system": item["system"],
                    "content": item["summary"],
                }
                for item in products[source["product_id"]]
            ],
        }


def judgments(scores: Scores) -> Any:
    grouped: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for (item, criterion, annotator), score in scores.items():
        grouped[item, annotator][criterion] = score
    for (item, annotator), answers in grouped.items():
        yield {
            "annotator": f"{annotator}@example.org",
            "output": item,
            "answers": answers,
        }


def alpha_from_the_file(scores: Scores, criterion: str) -> float:
    items = sorted({item for item, _, _ in scores})
    annotators = sorted({annotator for _, _, annotator in scores})
    matrix = [
        [scores.get((item, criterion, annotator), math.nan) for item in items]
        for annotator in annotators
    ]
    return float(krippendorff.alpha(matrix, level_of_measurement="ordinal"))


def test_every_score_arrives_and_alpha_is_that_of_the_raw_file(
    imported: Any, scores: Scores
) -> None:
    engineer, batch, rows = imported
    assert len(rows) == 1_248

    report = engineer.get(f"/api/v1/batches/{batch}/agreement").json()
    found = {criterion["key"]: criterion for criterion in report["criteria"]}
    assert list(found) == CRITERIA
    for key in CRITERIA:
        measured = found[key]
        assert (measured["units"], measured["annotators"]) == (416, 3)
        assert measured["ratings"] == 1_248
        assert measured["alpha"]["value"] == pytest.approx(
            alpha_from_the_file(scores, key), abs=1e-9
        )
        assert measured["alpha"]["value"] == pytest.approx(ORDINAL_ALPHA[key], abs=5e-5)
        alpha = measured["alpha"]
        assert alpha["low"] < alpha["value"] < alpha["high"]


def test_sending_it_again_changes_nothing(imported: Any, folder: Path) -> None:
    engineer, batch, rows = imported
    counts = import_ndjson(engineer, f"batches/{batch}/judgments", rows)
    assert (counts["created"], counts["unchanged"]) == (0, len(rows))

    dataset = engineer.get(f"/api/v1/batches/{batch}").json()["dataset"]
    counts = import_ndjson(
        engineer, f"datasets/{dataset}/import", list(records(folder))
    )
    assert counts == {
        "created": 0,
        "updated": 0,
        "unchanged": 32,
        "rejected": 0,
        "leaks": 0,
        "errors": [],
    }


@pytest.mark.parametrize(
    ("rule", "labels", "unresolved"), [("median", 2_912, 0), ("majority", 2_372, 540)]
)
def test_gold_has_a_label_or_a_reason_for_each_summary_and_criterion(
    imported: Any, project: Any, rule: str, labels: int, unresolved: int
) -> None:
    engineer, batch, _ = imported
    release = make_release(engineer, project, batch, rule=rule)
    assert release["counts"]["labels"] == labels
    assert release["counts"]["unresolved"] == unresolved


def test_a_stranger_gets_nothing_of_it(api: Any, eve: Any, imported: Any) -> None:
    _, batch, _ = imported
    stranger: Client = api(eve)
    assert stranger.get(f"/api/v1/batches/{batch}/agreement").status_code == 404
    assert post(stranger, f"batches/{batch}/next", {}).status_code == 404
