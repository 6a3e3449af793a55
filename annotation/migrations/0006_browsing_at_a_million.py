"""What the manager's pages of judgments begin at, so that none walks a whole table.

Full text and prefixes are PostgreSQL's own indexes; SQLite walks in bounded steps.
"""

from typing import Any

from django.db import migrations, models

ONLY_POSTGRESQL = {
    "answers_by_words": (
        "ON annotation_answer USING gin (to_tsvector('simple', rationale)) "
        "WHERE rationale <> ''"
    ),
    "judgments_by_words": (
        "ON annotation_judgment USING gin (to_tsvector('simple', note)) "
        "WHERE note <> ''"
    ),
    "items_by_beginning": (
        "ON annotation_item (dataset_id, external_id varchar_pattern_ops)"
    ),
    "outputs_by_beginning": (
        "ON annotation_output (dataset_id, external_id varchar_pattern_ops)"
    ),
}


def make(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for name, rest in ONLY_POSTGRESQL.items():
            schema_editor.execute(f"CREATE INDEX {name} {rest}")


def drop(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for name in ONLY_POSTGRESQL:
            schema_editor.execute(f"DROP INDEX {name}")


class Migration(migrations.Migration):
    dependencies = [("annotation", "0005_the_managers_desk")]

    operations = [
        migrations.AddIndex(
            model_name="answer",
            index=models.Index(
                condition=models.Q(("absent__isnull", False)),
                fields=["criterion", "absent"],
                name="absent_answers",
            ),
        ),
        migrations.AddIndex(
            model_name="answer",
            index=models.Index(
                condition=models.Q(("number__isnull", False)),
                fields=["criterion", "number"],
                name="answers_by_number",
            ),
        ),
        migrations.AddIndex(
            model_name="judgment",
            index=models.Index(
                condition=models.Q(
                    ("elapsed_ms__isnull", False), ("superseded_at", None)
                ),
                fields=["elapsed_ms"],
                name="judgments_by_time_taken",
            ),
        ),
        migrations.AddIndex(
            model_name="assignment",
            index=models.Index(
                condition=models.Q(
                    ("state", "submitted"),
                    models.Q(("source", "screen"), _negated=True),
                ),
                fields=["batch", "source", "-submitted_at", "-id"],
                name="submissions_from_elsewhere",
            ),
        ),
        migrations.AddIndex(
            model_name="unit",
            index=models.Index(
                condition=models.Q(("withdrawn_at__isnull", False)),
                fields=["batch"],
                name="withdrawn_units",
            ),
        ),
        migrations.RunPython(make, drop),
    ]
