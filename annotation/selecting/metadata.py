"""Metadata compared as JSON, alike on both engines: 1, "1" and true differ."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.db.models import BooleanField, F, Func, Q


class Says(Func):
    """Does this JSON object have one of these values at this key?"""

    output_field = BooleanField()

    def __init__(self, column: Any, key: str, values: Sequence[Any]) -> None:
        super().__init__(column)
        self.key, self.values = key, list(values)

    def as_postgresql(
        self, compiler: Any, connection: Any, **context: Any
    ) -> tuple[str, list[Any]]:
        sql, params = compiler.compile(self.source_expressions[0])
        marks = ", ".join("%s::jsonb" for _ in self.values)
        wanted = [json.dumps(value) for value in self.values]
        return f"({sql} -> %s::text) IN ({marks})", [*params, self.key, *wanted]

    def as_sqlite(
        self, compiler: Any, connection: Any, **context: Any
    ) -> tuple[str, tuple[Any, ...]]:
        sql, params = compiler.compile(self.source_expressions[0])
        tests = [sqlite_test(value) for value in self.values]
        any_of = " OR ".join(test for test, _ in tests)
        wanted = [param for _, found in tests for param in found]
        each = f"json_each({sql}) AS said"
        return (
            f"EXISTS (SELECT 1 FROM {each} WHERE said.key = %s AND ({any_of}))",  # noqa: S608  The column is ours; the rest are parameters.
            (*params, self.key, *wanted),
        )


def sqlite_test(value: Any) -> tuple[str, list[Any]]:
    if value is None:
        return "said.type = 'null'", []
    if isinstance(value, bool):
        return "said.type = %s", [str(value).lower()]
    if isinstance(value, str):
        return "(said.type = 'text' AND said.atom = %s)", [value]
    return "(said.type IN ('integer', 'real') AND said.atom = %s)", [value]


def output_says(key: str, values: Sequence[Any]) -> Q:
    """Of outputs: their own metadata or their item's."""
    return Q(Says(F("metadata"), key, values)) | Q(
        Says(F("item__metadata"), key, values)
    )


def is_plain(value: Any) -> bool:
    """Can metadata be compared with it? Lists and objects are not."""
    return value is None or isinstance(value, (str, int, float))
