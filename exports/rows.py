"""A release's labels as the rows that every format writes, read as a stream."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from exports.deciding import plain
from exports.models import GoldLabel, GoldRelease

CHUNK = 2_000
COLUMNS = [
    "item",
    "dataset",
    "outputs",
    "revisions",
    "systems",
    "criterion",
    "output",
    "value",
    "distribution",
    "support",
    "decided_by",
    "disputed",
    "split",
]
REASON = "unresolved_because"

Row = dict[str, Any]


class Gold:
    """What a format writes of; each call of labels or unresolved reads anew."""

    def __init__(self, release: GoldRelease, manifest: dict[str, Any]) -> None:
        self.release = release
        self.manifest = manifest
        self._datasets = {d["id"]: d["name"] for d in manifest["datasets"]}

    def labels(self) -> Iterator[Row]:
        """The resolved ones, in the release's order."""
        return self._rows(GoldLabel.objects.resolved())

    def unresolved(self) -> Iterator[Row]:
        """The others: the same columns without a value, and the reason."""
        return self._rows(GoldLabel.objects.unresolved())

    def _rows(self, labels: QuerySet[GoldLabel]) -> Iterator[Row]:
        found = (
            labels.filter(release=self.release)
            .order_by("position")
            .values_list(
                "item__external_id",
                "item__dataset_id",
                "outputs",
                "revisions",
                "systems",
                "criterion__key",
                "output__external_id",
                "value",
                "distribution",
                "support",
                "decided_by",
                "disputed",
                "split",
                REASON,
            )
        )
        for *values, reason in found.iterator(chunk_size=CHUNK):
            row = dict(zip(COLUMNS, values, strict=True))
            row["dataset"] = self._datasets[str(row["dataset"])]
            row["value"] = plain(row["value"])
            yield row | {REASON: reason} if reason else row
