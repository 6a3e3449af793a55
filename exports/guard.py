"""The database's own guard of ready releases, for PostgreSQL and SQLite.

Once a release is ready, its labels are neither added to nor changed, its batches
neither, and its row keeps everything but the link to its job: refused at once. A label
taken out is refused at commit, because Django deletes from the leaves up and a flush in
any order: the deletion leaves a row in exports_torn, whose foreign key points to
nothing and is checked at commit; only the deletion of the whole release takes that row
away. (The product has no way to delete a release.)

A migration on SQLite that alters one of these tables makes it anew and loses its
triggers: let such a migration end with `migrations.RunPython(install, remove)`.
"""

from __future__ import annotations

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor

REFUSED = "A ready gold release never changes; make a new release."
RELEASE, LABEL, BATCHES = (
    "exports_goldrelease",
    "exports_goldlabel",
    "exports_releasebatch",
)
KEPT = [
    "id",
    "project_id",
    "number",
    "rubric_version_id",
    "rule",
    "options",
    "state",
    "tries",
    "counts",
    "manifest",
    "sha256",
    "error",
    "by_id",
    "at",
]
# No row has id 0, so every row of this table breaks its key until it is deleted.
TORN = """
CREATE TABLE exports_torn (
    id {serial} CHECK (id > 0),
    release_id {uuid} NOT NULL,
    never integer NOT NULL DEFAULT 0
        CONSTRAINT a_label_goes_only_with_its_release
        REFERENCES exports_torn (id) DEFERRABLE INITIALLY DEFERRED
)
"""
# Name, table and moment of each trigger.
TRIGGERS = [
    ("exports_no_new_label", LABEL, "BEFORE INSERT"),
    ("exports_no_changed_label", LABEL, "BEFORE UPDATE"),
    ("exports_torn_label", LABEL, "AFTER DELETE"),
    ("exports_no_new_batch", BATCHES, "BEFORE INSERT"),
    ("exports_no_changed_batch", BATCHES, "BEFORE UPDATE"),
    ("exports_torn_batch", BATCHES, "AFTER DELETE"),
    ("exports_no_changed_release", RELEASE, "BEFORE UPDATE"),
    ("exports_gone_whole", RELEASE, "AFTER DELETE"),
]
READY = (
    "EXISTS (SELECT 1 FROM exports_goldrelease WHERE state = 'ready' AND id IN ({ids}))"
)
TEAR = (
    "INSERT INTO exports_torn (release_id) SELECT id FROM exports_goldrelease "
    "WHERE id = OLD.{column} AND state = 'ready';"
)
RECORDS = {
    "exports_torn_label": TEAR.format(column="release_id"),
    "exports_torn_batch": TEAR.format(column="release_id"),
    "exports_gone_whole": "DELETE FROM exports_torn WHERE release_id = OLD.id;",
}
REFUSES = {
    "exports_no_new_label": READY.format(ids="NEW.release_id"),
    "exports_no_changed_label": READY.format(ids="OLD.release_id, NEW.release_id"),
    "exports_no_new_batch": READY.format(ids="NEW.release_id"),
    "exports_no_changed_batch": READY.format(ids="OLD.release_id, NEW.release_id"),
    "exports_no_changed_release": "OLD.state = 'ready' AND ("
    + " OR ".join(f"OLD.{column} {{differs}} NEW.{column}" for column in KEPT)
    + ")",
}


def install(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Put the guard up, in place of an earlier one."""
    remove(apps, schema_editor)
    make = on_postgresql if is_postgresql(schema_editor) else on_sqlite
    for statement in make():
        schema_editor.execute(statement, params=None)


def remove(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for name, table, _ in TRIGGERS:
        on = f" ON {table}" if is_postgresql(schema_editor) else ""
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{on}", params=None)
        if is_postgresql(schema_editor):
            schema_editor.execute(f"DROP FUNCTION IF EXISTS {name}()", params=None)
    schema_editor.execute("DROP TABLE IF EXISTS exports_torn", params=None)


def is_postgresql(schema_editor: BaseDatabaseSchemaEditor) -> bool:
    return schema_editor.connection.vendor == "postgresql"


def on_postgresql() -> list[str]:
    statements = [
        TORN.format(
            serial="bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY", uuid="uuid"
        )
    ]
    for name, table, moment in TRIGGERS:
        if name in RECORDS:
            body = f"{RECORDS[name]} RETURN NULL;"
        else:
            body = (
                f"IF {REFUSES[name].format(differs='IS DISTINCT FROM')} THEN "
                f"RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'check_violation'; "
                "END IF; RETURN NEW;"
            )
        statements += [
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ "
            f"BEGIN {body} END $$",
            f"CREATE TRIGGER {name} {moment} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {name}()",
        ]
    return statements


def on_sqlite() -> list[str]:
    statements = [
        TORN.format(serial="integer PRIMARY KEY AUTOINCREMENT", uuid="char(32)")
    ]
    for name, table, moment in TRIGGERS:
        if name in RECORDS:
            body = RECORDS[name]
        else:
            refused = REFUSES[name].format(differs="IS NOT")
            body = f"SELECT RAISE(ABORT, '{REFUSED}') WHERE {refused};"
        statements.append(
            f"CREATE TRIGGER {name} {moment} ON {table} FOR EACH ROW BEGIN {body} END"
        )
    return statements
