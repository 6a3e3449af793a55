"""At 200,000 units and judgments no page's query reads a large table from end to end.

The rows are made by PostgreSQL itself (the statements of benchmarks/desk.py), the
queries are those that the pages ask, and their plans are PostgreSQL's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from benchmarks import desk

UNITS = 200_000
LARGE = ("unit", "assignment", "judgment", "answer", "item", "output", "unitoutput")
WHOLE = re.compile(rf"Seq Scan on annotation_({'|'.join(LARGE)})\b")


@pytest.mark.django_db(transaction=True)  # VACUUM runs in no transaction.
@pytest.mark.skipif(
    connection.vendor != "postgresql",
    reason="Plans are PostgreSQL's; SQLite walks the same indexes.",
)
def test_no_page_walks_a_large_table() -> None:
    """Home, next, project, batch, progress, and judgments with each filter."""
    facts = desk.make_world()
    with connection.cursor() as cursor:
        desk.make_rows(cursor, facts, units=UNITS, each=1)
    walked = {name: found for name, ask in desk.pages() if (found := whole_tables(ask))}
    assert not walked, "\n\n".join(f"{n}:\n{plan}" for n, plan in walked.items())


def whole_tables(ask: Callable[[], Any]) -> str:
    """Those of a request's queries whose plan walks a large table; "" for none."""
    with CaptureQueriesContext(connection) as captured:
        response = ask()
    assert response.status_code in (200, 302), response.content[:500]
    found = []
    with connection.cursor() as cursor:
        for query in captured.captured_queries:
            if query["sql"].startswith(("SELECT", "UPDATE", "WITH")):
                cursor.execute(f"EXPLAIN {query['sql']}")
                plan = "\n".join(row[0] for row in cursor.fetchall())
                if WHOLE.search(plan):
                    found.append(f"{query['sql'][:1_000]}\n{plan[:2_000]}")
    return "\n".join(found)
