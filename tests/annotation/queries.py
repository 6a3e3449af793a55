"""Counting the statements that a request itself asks for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.test.utils import CaptureQueriesContext

# Who is signed in, and the transaction's own statements: the same for every request.
NOT_COUNTED = (
    "SAVEPOINT",
    "RELEASE",
    "ROLLBACK",
    "BEGIN",
    "COMMIT",
    'SELECT "django_session"',
    'SELECT "accounts_apitoken"',
    'UPDATE "accounts_apitoken"',
)


@contextmanager
def queries_of() -> Iterator[list[str]]:
    """The statements run inside, without session, token and transaction ones."""
    found: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield found
    for query in captured:
        sql = query["sql"]
        signed_in = 'FROM "accounts_user" WHERE' in sql and "LIMIT 21" in sql
        if not sql.startswith(NOT_COUNTED) and not signed_in:
            found.append(sql)
