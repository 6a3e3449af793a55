"""The access table's form: who gets what on which address.

Each app lists its rows in tests/<app>/access_rows.py as ROWS. Columns, in order:

    visitor   not signed in
    eve       has an account, is no member
    olga      owner
    ada       manager
    dov       adjudicator
    ben       annotator
    vic       viewer

`Row("GET", "rubrics:list", "302 404 200 200 200 200 200", lambda w: {...})`: the last
argument gives the address's arguments from the world; `body` and `json` what is sent;
`fresh=True` builds the world anew for each column, for acts that work once.
Pages answer a visitor 302 to sign-in; the API answers 401. Each cell may hold
alternatives ("200|201").
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

COLUMNS = ["visitor", "eve", "olga", "ada", "dov", "ben", "vic"]


@dataclass(frozen=True)
class Row:
    method: str
    name: str
    cells: str
    kwargs: Callable[[Any], dict[str, Any]] = lambda world: {}
    body: Callable[[Any], dict[str, Any]] | None = None
    json: Callable[[Any], Any] | None = None
    headers: dict[str, str] | None = None
    query: str = ""
    content_type: str = "application/json"

    def expected(self, column: str) -> set[int]:
        cell = self.cells.split()[COLUMNS.index(column)]
        return {int(status) for status in cell.split("|")}
