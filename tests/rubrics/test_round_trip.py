"""A rubric comes out as it went in: by API, through the database, and by editor."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis.extra.django import TestCase

from accounts.models import Project, User
from rubrics.actions import create_rubric
from rubrics.files.reading import read_file
from rubrics.files.writing import written
from rubrics.forms.criterion import CriterionForm, row_of
from rubrics.forms.level import level_rows
from rubrics.instrument import read_instrument
from rubrics.serialize import criteria_json, fingerprint
from rubrics.shape import read_criteria
from rubrics.sketch import sketched
from tests.rubrics.strategies import criteria_lists

# The machine that runs the suite may be busy: slowness is no fault of a rubric.
UNHURRIED = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)


class ThroughTheDatabase(TestCase):
    def setUp(self) -> None:
        self.ada = User.objects.create_user("ada@example.org", "a long password")
        self.project = Project.objects.create(name="Support", created_by=self.ada)

    @given(criteria_lists())
    @UNHURRIED
    def test_what_is_posted_is_read_back(self, posted: list[dict[str, Any]]) -> None:
        version = create_rubric(
            project=self.project,
            name="Any",
            criteria=read_criteria(posted),
            by=self.ada,
        )
        assert criteria_json(read_instrument(version)) == posted


@given(criteria_lists())
@UNHURRIED
def test_the_editor_keeps_all_that_it_does_not_change(
    posted: list[dict[str, Any]],
) -> None:
    rows = [row_of(criterion) for criterion in posted]
    kinds = {row["key"]: row["kind"] for row in rows}
    typed = [CriterionForm(as_sent_by_a_browser(row)).as_json(kinds) for row in rows]
    assert read_criteria(typed) == read_criteria(posted)


def as_sent_by_a_browser(row: dict[str, Any]) -> dict[str, Any]:
    """Unticked boxes are not sent, and line breaks are CR LF; levels are rows."""
    sent = {
        name: value.replace("\n", "\r\n") if isinstance(value, str) else "on"
        for name, value in row.items()
        if value is not False and name != "levels"
    }
    sent["levels"] = str(len(row["levels"]))
    for place, level in enumerate(row["levels"]):
        for name, text in level.items():
            sent[f"l{place}-{name}"] = text.replace("\n", "\r\n")
    return sent


def test_defaults_are_not_written_out() -> None:
    levels = [
        {"value": 1, "label": "1", "anchor": "", "hotkey": "1"},
        {"value": 2, "label": "Good", "anchor": "Nothing to add.", "hotkey": "2"},
    ]
    assert level_rows(levels) == [
        {"value": "1", "label": "", "anchor": "", "hotkey": ""},
        {"value": "2", "label": "Good", "anchor": "Nothing to add.", "hotkey": ""},
    ]
    assert level_rows([{"value": True}, {"value": False}]) == []


@given(criteria_lists())
@UNHURRIED
def test_a_file_read_again_gives_the_same_criteria(
    posted: list[dict[str, Any]],
) -> None:
    instrument = sketched("Any: name", read_criteria(posted))
    for form in ("yaml", "json"):
        body = read_file(written(instrument, form))
        assert body["name"] == "Any: name"
        again = sketched("Any", read_criteria(body["criteria"]))
        assert fingerprint(again) == fingerprint(instrument)
