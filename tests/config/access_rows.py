"""Who gets what on the addresses of no domain."""

from tests.access import Row

ALL = "200 200 200 200 200 200 200"

ROWS = [
    Row("GET", "healthz", ALL),
    Row("GET", "readyz", ALL),
    Row("GET", "schema", ALL),
    Row("GET", "docs", ALL),
]
