"""How long the manager's and the annotator's pages take at a million units.

    DATABASE_URL=postgres://… uv run python benchmarks/desk.py fill [--units 1000000]
    DATABASE_URL=postgres://… uv run python benchmarks/desk.py time [--times 30]

`fill` migrates an empty PostgreSQL database and lets it make the rows itself: units
of five systems, three judgments each by 20 annotators, two answers a judgment,
segments, rationales on every tenth, some notes, flags, returns and revisions. `time`
asks for each page through Django's test client, in this process, with every
middleware, and prints in milliseconds: what the first request took, which may have to
count, p50 and p95 of those after it, the processor time of this process (what a busy
machine does not stretch) and the time spent in the database; then the queries of one
request and the load of the machine.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
NAME = "A million"
GOAL = 300  # milliseconds, the p95 that DESIGN.md and the desk's issue ask for
PEOPLE = 20
EACH = 3  # judgments of a unit
SYSTEMS = 5

# Ids are made from numbers, so that one table's rows can name another's without a join.
FILL = """
CREATE FUNCTION pg_temp.named(kind text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
  AS $$ SELECT
    (lpad(to_hex(n), 12, '0') || '7' || substr(md5(kind || n), 1, 19))::uuid $$;

INSERT INTO annotation_item (dataset_id, external_id, input, metadata, warning,
    content_hash, record_hash, created_at)
  SELECT %(dataset)s, 'q' || n,
    to_jsonb('Question ' || n || '? ' || repeat('words ', 40)), '{}', '',
    md5('q' || n), md5('r' || n), now()
  FROM generate_series(1, %(units)s) n;

INSERT INTO annotation_itemsegment (dataset_id, item_id, name, value)
  SELECT %(dataset)s, id, 'intent',
    CASE WHEN id %% 10007 = 0 THEN 'rare' ELSE 'common-' || id %% 8 END
  FROM annotation_item WHERE dataset_id = %(dataset)s;

INSERT INTO annotation_output (dataset_id, external_id, revision, item_id, system_id,
    content, masks, metadata, content_hash, record_hash, created_at)
  SELECT %(dataset)s, external_id || '/s' || id %% 5, 1, id,
    (%(systems)s::bigint[])[1 + id %% 5],
    to_jsonb('An answer. ' || repeat('more ', 40)), '[]', '{}',
    md5('o' || id), md5('p' || id), now()
  FROM annotation_item WHERE dataset_id = %(dataset)s;

INSERT INTO annotation_unit (id, batch_id, item_id, subject, required, taken,
    "overlaps", place, kind)
  SELECT pg_temp.named('unit', substr(external_id, 2)::bigint), %(batch)s, id,
    md5(external_id) || md5(external_id), %(each)s + 1, %(each)s, true, random(),
    CASE WHEN id %% 50021 = 0 THEN 'probe' ELSE 'normal' END
  FROM annotation_item WHERE dataset_id = %(dataset)s;

INSERT INTO annotation_unitoutput (unit_id, position, output_id)
  SELECT u.id, 0, o.id FROM annotation_unit u
  JOIN annotation_output o ON o.item_id = u.item_id WHERE u.batch_id = %(batch)s;

INSERT INTO annotation_assignment (id, unit_id, batch_id, annotator_id, state,
    holds_slot, reserved, position, source, lease_epoch, side_order, draft,
    draft_version, created_at, opened_at, submitted_at)
  SELECT pg_temp.named('assignment', n), pg_temp.named('unit', 1 + (n - 1) / %(each)s),
    %(batch)s,
    (%(people)s::uuid[])[1 + ((n - 1) / %(each)s + (n - 1) %% %(each)s * 7) %% 20],
    'submitted', true, false, 0,
    CASE WHEN n %% 40009 = 0 THEN 'api' ELSE 'screen' END, 1, '[0]', '{}', 0,
    at, at, at + interval '40 seconds'
  FROM generate_series(1, %(each)s * %(units)s) n,
    LATERAL (SELECT now()
      - interval '90 days' * (1 - n / (%(each)s * %(units)s + 1.0)) AS at) t;

INSERT INTO annotation_judgment (id, assignment_id, number, created_at, elapsed_ms,
    note, source, content_hash)
  SELECT pg_temp.named('judgment', n), pg_temp.named('assignment', n),
    CASE WHEN n %% 3001 = 0 THEN 2 ELSE 1 END,
    now() - interval '90 days' * (1 - n / (%(each)s * %(units)s + 1.0)),
    CASE WHEN n %% 60013 = 0 THEN 300 ELSE 5000 + n %% 90000 END,
    CASE WHEN n %% 2003 = 0 THEN 'Please look at item ' || n ELSE '' END,
    'screen', md5('j' || n)
  FROM generate_series(1, %(each)s * %(units)s) n;

INSERT INTO annotation_answer (judgment_id, criterion_id, level_id, output_id,
    rationale)
  SELECT pg_temp.named('judgment', n), %(ordinal)s,
    CASE WHEN n %% 70001 = 0 THEN (%(levels)s::bigint[])[1]
      ELSE (%(levels)s::bigint[])[2 + n %% 4] END, o.output_id,
    CASE WHEN n %% 90001 = 0 THEN 'A kestrel is no owl, see ' || n
      WHEN n %% 10 = 0 THEN 'The answer is right about ' || n || ' in most of its words'
      ELSE '' END
  FROM generate_series(1, %(each)s * %(units)s) n
  JOIN annotation_unitoutput o
    ON o.unit_id = pg_temp.named('unit', 1 + (n - 1) / %(each)s);

INSERT INTO annotation_answer (judgment_id, criterion_id, number, absent, output_id,
    rationale)
  SELECT pg_temp.named('judgment', n), %(number)s,
    CASE WHEN n %% 50051 <> 0 THEN (n::bigint * 7919) %% 1000000 END,
    CASE WHEN n %% 50051 = 0 THEN 'cannot_judge' END, o.output_id, ''
  FROM generate_series(1, %(each)s * %(units)s) n
  JOIN annotation_unitoutput o
    ON o.unit_id = pg_temp.named('unit', 1 + (n - 1) / %(each)s);

INSERT INTO annotation_flag (id, assignment_id, kind, text, at, answer)
  SELECT pg_temp.named('flag', n), pg_temp.named('assignment', n), 'broken_item', '',
    now(), '' FROM generate_series(1, %(each)s * %(units)s, 9001) n;

INSERT INTO annotation_return (id, assignment_id, text, at, by_id, reply)
  SELECT pg_temp.named('return', n), pg_temp.named('assignment', n), 'Why?', now(),
    %(manager)s, '' FROM generate_series(1, %(each)s * %(units)s, 20011) n;
"""


def set_up() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()


def fill(units: int) -> None:
    """An empty database of PostgreSQL, full; by its own statements."""
    set_up()
    from django.core.management import call_command
    from django.db import connection

    if connection.vendor != "postgresql":
        sys.exit("Set DATABASE_URL to an empty PostgreSQL database.")
    call_command("migrate", verbosity=0)
    facts = make_world()
    began = time.monotonic()
    with connection.cursor() as cursor:
        make_rows(cursor, facts, units=units, each=EACH)
    took = time.monotonic() - began
    print(f"{units:,} units, {EACH * units:,} judgments in {took:.0f} s")


def make_rows(cursor: Any, facts: dict[str, Any], *, units: int, each: int) -> None:
    """The rows of FILL, then the indexes on them, and what the planner goes by."""
    cursor.execute("SET synchronous_commit = off")
    cursor.execute("SET maintenance_work_mem = '256MB'")
    indexes = taken_away(cursor)
    cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    (is_super,) = cursor.fetchone()
    if is_super:  # Who may spares the checks of foreign keys, row by row.
        cursor.execute("SET session_replication_role = replica")
    for text in FILL.strip().split(";\n\n"):
        statement = text.strip().rstrip(";")
        is_function = statement.startswith("CREATE")
        sent = None if is_function else {**facts, "units": units, "each": each}
        cursor.execute(statement, sent)
    if is_super:
        cursor.execute("SET session_replication_role = DEFAULT")
    for _name, definition in indexes:
        cursor.execute(definition)
    # Without it no index is known to be answer enough, and tables are read instead.
    cursor.execute("VACUUM ANALYZE")


def taken_away(cursor: Any) -> list[tuple[str, str]]:
    """The indexes that are no constraint's, dropped: built at once they cost less."""
    cursor.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
        " WHERE indrelid::regclass::text LIKE 'annotation_%' AND NOT EXISTS"
        " (SELECT FROM pg_constraint WHERE conindid = indexrelid)"
    )
    found = list(cursor.fetchall())
    for name, _definition in found:
        cursor.execute(f"DROP INDEX {name}")
    return found


def make_world() -> dict[str, Any]:
    """The project, its people, the rubric and an open batch without units."""
    from django.utils import timezone

    from accounts.actions.people import account_for
    from accounts.actions.projects import create_project
    from accounts.models import Membership, Role
    from annotation.actions.datasets import create_dataset
    from annotation.models import Batch, BatchMember, System
    from annotation.models.batch import BatchState
    from rubrics.actions import create_rubric
    from rubrics.shape import read_criteria

    manager = account_for(email="manager@example.org", name="Manager", by=None)
    project = create_project(name=NAME, by=manager)
    people = [
        account_for(email=f"a{n}@example.org", name=f"Annotator {n}", by=None)
        for n in range(PEOPLE)
    ]
    version = create_rubric(
        project=project,
        name="Answer quality",
        criteria=read_criteria(CRITERIA),
        by=manager,
        publish=True,
    )
    ordinal, number = version.criteria.order_by("position")
    dataset = create_dataset(project=project, name=NAME, by=manager)
    batch = Batch.objects.create(
        project=project,
        dataset=dataset,
        rubric_version=version,
        name=NAME,
        layout="scoring",
        overlap=4,
        state=BatchState.OPEN,
        created_by=manager,
    )
    for user in people:
        Membership.objects.create(project=project, user=user, role=Role.ANNOTATOR)
        BatchMember.objects.create(
            batch=batch, user=user, guidelines_read_at=timezone.now()
        )
    systems = [
        System.objects.create(project=project, name=f"system-{n}")
        for n in range(SYSTEMS)
    ]
    return {
        "dataset": dataset.pk,
        "batch": batch.pk,
        "manager": manager.pk,
        "people": [user.pk for user in people],
        "systems": [system.pk for system in systems],
        "ordinal": ordinal.pk,
        "number": number.pk,
        "levels": list(ordinal.levels.order_by("number").values_list("pk", flat=True)),
    }


CRITERIA: list[dict[str, Any]] = [
    {
        "key": "accuracy",
        "question": "Is every claim true?",
        "scale": {"kind": "ordinal", "levels": [{"value": n} for n in range(1, 6)]},
        "rationale": "optional",
    },
    {
        "key": "score",
        "question": "How good is it, in all?",
        "scale": {"kind": "numeric", "min": 0, "max": 1_000_000},
        "allow_cannot_judge": True,
    },
]
FILTERS = {
    "no filter": "",
    "oldest first": "order=oldest",
    "one annotator": "annotator=a3@example.org",
    "three days": "from={early}&to={later}",
    "system": "system=system-2",
    "segment, common": "segment=intent%3Dcommon-3",
    "segment, rare": "segment=intent%3Drare",
    "level, common": "answer=accuracy:3",
    "level, 1 in 70,000": "answer=accuracy:1",
    "number, range": "answer=score:5..9",
    "cannot judge, rare": "answer=score:cannot_judge",
    "source api, rare": "source=api",
    "source imported, none": "source=imported",
    "kind probe, rare": "kind=probe",
    "kind training, none": "kind=training",
    "revised": "only=revised",
    "with note": "only=note",
    "with rationale": "only=rationale",
    "surplus, none": "only=surplus",
    "flagged": "only=flagged",
    "returned": "only=returned",
    "below 1 s, rare": "below=1",
    "above 90 s": "above=90",
    "item": "item=q77777",
    "items begun": "item=q7777*",
    "items begun, many": "item=q1*",
    "output": "output=q777/s{digit}",
    "words, 1 in 90,000": "words=kestrel+owl",
    "words, common": "words=right+words",
    "words, none": "words=albatross",
    "words, one note": "words=look+{noted}",
    "common level, rare segment": "answer=accuracy:3&segment=intent%3Drare",
    "rare level, one annotator": "answer=accuracy:1&annotator=a3@example.org",
    "two that never meet": "only=flagged&only=surplus&answer=accuracy:2",
    "two common ones, apart": "answer=accuracy:2&answer=accuracy:3",
}


def measure(times: int) -> None:
    """A table: each page, how long it took, how many queries it asked."""
    set_up()
    from django.conf import settings
    from django.core.management import call_command

    call_command("collectstatic", interactive=False, verbosity=0)
    settings.ALLOWED_HOSTS = ["*"]
    print(
        f"{'page':38}{'first':>8}{'p50':>8}{'p95':>8}{'cpu':>6}{'db':>6}"
        f"{'queries':>9}{'rows':>6}  status"
    )
    for name, ask in pages():
        line(name, ask, times)
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def pages() -> list[tuple[str, Callable[[], Any]]]:
    """Every page that is measured, by name, as what asks for it."""
    from django.test import Client

    from accounts.models import User
    from annotation.models import Assignment, Batch

    batch = Batch.objects.get(name=NAME)
    rows = Assignment.objects.filter(batch=batch, state="submitted")
    newest = rows.order_by("-submitted_at", "-pk")
    middle: Any = newest[rows_at(batch) : rows_at(batch) + 1].get()
    desk, annotator = Client(), Client()
    desk.force_login(User.objects.get(email="manager@example.org"))
    annotator.force_login(User.objects.get(email="a5@example.org"))
    page = f"/batches/{batch.pk}/judgments/"
    record = middle.judgments.current().get()
    places = {
        "early": middle.submitted_at.date(),
        "later": middle.submitted_at.date(),
        "digit": dataset_digit(batch),
        "noted": 2003 * 7,
    }
    found: list[tuple[str, Callable[[], Any]]] = [
        ("annotator: home", lambda: annotator.get("/")),
        ("annotator: next", lambda: annotator.post(f"/batches/{batch.pk}/next/")),
        ("annotator: history", lambda: annotator.get(f"/batches/{batch.pk}/mine/")),
        ("project", lambda: desk.get(f"/projects/{batch.project_id}/")),
        ("batch", lambda: desk.get(f"/batches/{batch.pk}/")),
        ("batch by API", lambda: desk.get(f"/api/v1/batches/{batch.pk}")),
        ("progress by API", lambda: desk.get(f"/api/v1/batches/{batch.pk}/progress")),
        ("record", lambda: desk.get(f"/judgments/{record.pk}/")),
    ]
    deep = quote(f"{middle.submitted_at.isoformat()}~{middle.pk}")
    for name, query in FILTERS.items():
        address = f"{page}?{query.format(**places)}"
        found.append((name, partial(desk.get, address)))
        found.append((f"{name}, deep", partial(desk.get, f"{address}&before={deep}")))
    return found


def rows_at(batch: Any) -> int:
    """A place far behind the newest, as a reader would never page to."""
    from annotation.models import Unit

    return int(Unit.objects.filter(batch=batch).count() * 0.8)


def dataset_digit(batch: Any) -> int:
    """Which of the five systems answered item q777: ids need not begin at one."""
    item = batch.dataset.items.get(external_id="q777")
    return int(item.pk % SYSTEMS)


def line(name: str, ask: Callable[[], Any], times: int) -> None:
    from django.db import connection, reset_queries

    began = time.perf_counter()
    answer = ask()
    first = (time.perf_counter() - began) * 1000
    took, asked = [], [0.0]

    def timed(execute: Callable[..., Any], *statement: Any) -> Any:
        begun = time.perf_counter()
        try:
            return execute(*statement)
        finally:
            asked[0] += (time.perf_counter() - begun) * 1000

    worked = time.process_time()
    with connection.execute_wrapper(timed):
        for _time in range(times):
            began = time.perf_counter()
            answer = ask()
            took.append((time.perf_counter() - began) * 1000)
    work = (time.process_time() - worked) * 1000 / times
    connection.force_debug_cursor = True
    reset_queries()
    ask()
    queries = len(connection.queries)
    connection.force_debug_cursor = False
    p95 = statistics.quantiles(took, n=20)[-1]
    rows = answer.content.count(b"<tr data-row>")
    said = "  looked only so far" if b"were looked at" in answer.content else ""
    over = "  OVER" if p95 > GOAL else ""
    print(
        f"{name:38}{first:8.0f}{statistics.median(took):8.0f}{p95:8.0f}{work:6.0f}"
        f"{asked[0] / times:6.0f}{queries:9}{rows:6}"
        f"  {answer.status_code}{over}{said}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("act", choices=["fill", "time"])
    parser.add_argument("--units", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=30)
    asked = parser.parse_args()
    if asked.act == "fill":
        fill(asked.units)
    else:
        measure(asked.times)


if __name__ == "__main__":
    main()
