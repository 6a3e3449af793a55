"""The database's own guard of published versions, for PostgreSQL and SQLite.

Inserting or changing a criterion or level of a published version, and changing its
row, is refused at once. Deleting is another matter: Django deletes a project's rubrics
from the leaves up, level before version before rubric, so a refusal at once would
forbid the whole. It is refused at commit instead: a deletion inside a published version
leaves a row in rubrics_torn, whose foreign key points to nothing and is checked at
commit; only the deletion of the whole rubric takes that row away.

A migration on SQLite that alters one of these tables makes it anew and loses its
triggers: let such a migration end with `migrations.RunPython(install, remove)`.
"""

from __future__ import annotations

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor

REFUSED = "A published rubric version never changes; make a new version."


def install(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Put the guard up, in place of an earlier one."""
    remove(apps, schema_editor)
    for statement in STATEMENTS[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


def remove(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for name, table, _ in TRIGGERS:
        on = f" ON {table}" if schema_editor.connection.vendor == "postgresql" else ""
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{on}", params=None)
    if schema_editor.connection.vendor == "postgresql":
        for name, _, _ in TRIGGERS:
            schema_editor.execute(f"DROP FUNCTION IF EXISTS {name}()", params=None)
        schema_editor.execute(
            "DROP FUNCTION IF EXISTS rubrics_is_published(uuid)", params=None
        )
    schema_editor.execute("DROP TABLE IF EXISTS rubrics_torn", params=None)


# No row has id 0, so every row of this table breaks its key until it is deleted.
TORN = """
CREATE TABLE rubrics_torn (
    id {serial} CHECK (id > 0),
    rubric_id {uuid} NOT NULL,
    nowhere integer NOT NULL DEFAULT 0
        CONSTRAINT a_published_version_goes_only_with_its_rubric
        REFERENCES rubrics_torn (id) DEFERRABLE INITIALLY DEFERRED
)
"""

# Name, table and moment of each trigger.
TRIGGERS = [
    ("rubrics_no_new_criterion", "rubrics_criterion", "BEFORE INSERT"),
    ("rubrics_no_changed_criterion", "rubrics_criterion", "BEFORE UPDATE"),
    ("rubrics_no_new_level", "rubrics_level", "BEFORE INSERT"),
    ("rubrics_no_changed_level", "rubrics_level", "BEFORE UPDATE"),
    ("rubrics_no_changed_version", "rubrics_rubricversion", "BEFORE UPDATE"),
    ("rubrics_torn_level", "rubrics_level", "AFTER DELETE"),
    ("rubrics_torn_criterion", "rubrics_criterion", "AFTER DELETE"),
    ("rubrics_torn_version", "rubrics_rubricversion", "AFTER DELETE"),
    ("rubrics_gone_whole", "rubrics_rubric", "AFTER DELETE"),
]

LEVELS_VERSION = (
    "(SELECT version_id FROM rubrics_criterion WHERE id = {row}.criterion_id)"
)
VERSION_COLUMNS = [
    "id",
    "rubric_id",
    "number",
    "created_at",
    "published_at",
    "published_by_id",
]

# The versions that the first four must find unpublished.
REFUSES = {
    "rubrics_no_new_criterion": ["NEW.version_id"],
    "rubrics_no_changed_criterion": ["OLD.version_id", "NEW.version_id"],
    "rubrics_no_new_level": [LEVELS_VERSION.format(row="NEW")],
    "rubrics_no_changed_level": [
        LEVELS_VERSION.format(row="OLD"),
        LEVELS_VERSION.format(row="NEW"),
    ],
}
CHANGED = " OR ".join(
    f"OLD.{column} {{differs}} NEW.{column}" for column in VERSION_COLUMNS
)

# What the last four do, the same words in both engines.
RECORDS = {
    "rubrics_torn_level": """
        INSERT INTO rubrics_torn (rubric_id)
        SELECT rubric.id FROM rubrics_criterion criterion
        JOIN rubrics_rubricversion version ON version.id = criterion.version_id
        JOIN rubrics_rubric rubric ON rubric.id = version.rubric_id
        WHERE criterion.id = OLD.criterion_id AND version.published_at IS NOT NULL;
    """,
    "rubrics_torn_criterion": """
        INSERT INTO rubrics_torn (rubric_id)
        SELECT rubric.id FROM rubrics_rubricversion version
        JOIN rubrics_rubric rubric ON rubric.id = version.rubric_id
        WHERE version.id = OLD.version_id AND version.published_at IS NOT NULL;
    """,
    "rubrics_torn_version": """
        INSERT INTO rubrics_torn (rubric_id)
        SELECT rubric.id FROM rubrics_rubric rubric
        WHERE rubric.id = OLD.rubric_id AND OLD.published_at IS NOT NULL;
    """,
    "rubrics_gone_whole": "DELETE FROM rubrics_torn WHERE rubric_id = OLD.id;",
}

# Locking the version's row makes an insertion wait for a publication under way.
IS_PUBLISHED = """
CREATE FUNCTION rubrics_is_published(version uuid) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE found timestamptz;
BEGIN
    SELECT published_at INTO found FROM rubrics_rubricversion
    WHERE id = version FOR SHARE;
    RETURN found IS NOT NULL;
END $$
"""


def on_postgresql() -> list[str]:
    statements = [
        TORN.format(
            serial="bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY", uuid="uuid"
        ),
        IS_PUBLISHED,
    ]
    for name, table, moment in TRIGGERS:
        statements += [
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ "
            f"BEGIN {postgresql_body(name)} END $$",
            f"CREATE TRIGGER {name} {moment} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {name}()",
        ]
    return statements


def postgresql_body(name: str) -> str:
    if name in RECORDS:
        return f"{RECORDS[name]} RETURN NULL;"
    if name in REFUSES:
        refused = " OR ".join(f"rubrics_is_published({row})" for row in REFUSES[name])
    else:
        changed = CHANGED.format(differs="IS DISTINCT FROM")
        refused = f"OLD.published_at IS NOT NULL AND ({changed})"
    return (
        f"IF {refused} THEN RAISE EXCEPTION '{REFUSED}' "
        "USING ERRCODE = 'check_violation'; END IF; RETURN NEW;"
    )


def on_sqlite() -> list[str]:
    return [
        TORN.format(serial="integer PRIMARY KEY AUTOINCREMENT", uuid="char(32)"),
        *(
            f"CREATE TRIGGER {name} {moment} ON {table} FOR EACH ROW "
            f"BEGIN {sqlite_body(name)} END"
            for name, table, moment in TRIGGERS
        ),
    ]


def sqlite_body(name: str) -> str:
    if name in RECORDS:
        return RECORDS[name]
    if name in REFUSES:
        versions = ", ".join(REFUSES[name])
        refused = (
            "EXISTS (SELECT 1 FROM rubrics_rubricversion "  # noqa: S608 (all ours)
            f"WHERE id IN ({versions}) AND published_at IS NOT NULL)"
        )
    else:
        changed = CHANGED.format(differs="IS NOT")
        refused = f"OLD.published_at IS NOT NULL AND ({changed})"
    return f"SELECT RAISE(ABORT, '{REFUSED}') WHERE {refused};"


STATEMENTS = {"postgresql": on_postgresql(), "sqlite": on_sqlite()}
