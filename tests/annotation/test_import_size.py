"""The sizes that an import must reach: ten thousand records, and flat memory."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotation.actions.importing import import_outputs
from annotation.importing.readers import read_rows
from annotation.models import Dataset, Item, Output
from tests.annotation.test_import import counted

RECORDS = 10_000


def record(number: int) -> dict[str, Any]:
    """About 2 kB."""
    return {
        "id": f"r{number}",
        "input": f"Question {number}? " + "Why is that so? " * 20,
        "context": [{"title": "Notes", "content": "A fact of the matter. " * 30}],
        "segments": {"part": str(number % 7)},
        "outputs": [
            {"system": system, "content": f"{system} says {number}. " * 25}
            for system in ("heron", "wren")
        ],
    }


@pytest.mark.slow
def test_ten_thousand_records_come_in_and_again_change_nothing(send: Any) -> None:
    body = "\n".join(json.dumps(record(n)) for n in range(RECORDS)).encode()
    assert len(body) > 1_900 * RECORDS
    assert counted(send(body)) == (RECORDS, 0, 0, 0)
    assert (Item.objects.count(), Output.objects.count()) == (RECORDS, 2 * RECORDS)
    with CaptureQueriesContext(connection) as queries:
        assert counted(send(body)) == (0, 0, RECORDS, 0)
    sql = [query["sql"] for query in queries]
    written = [s for s in sql if s.startswith(("INSERT", "UPDATE", "DELETE"))]
    assert all("accounts_apitoken" in statement for statement in written)


class Endless:
    """A file of so many records that is never in memory as a whole."""

    def __init__(self, count: int) -> None:
        self.left = count

    def readline(self, _: int = -1) -> bytes:
        if not self.left:
            return b""
        self.left -= 1
        return json.dumps(record(self.left)).encode() + b"\n"


def peak(dataset: Dataset, ada: Any, count: int, **options: Any) -> int:
    tracemalloc.start()
    rows = read_rows(Endless(count), "ndjson")  # type: ignore[arg-type]
    import_outputs(dataset=dataset, rows=rows, by=ada, **options)
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


def test_memory_does_not_grow_with_the_file(blank: Dataset, ada: Any) -> None:
    peak(blank, ada, 500)  # The first one loads what all need.
    assert peak(blank, ada, 2_000) < 2 * peak(blank, ada, 500)
