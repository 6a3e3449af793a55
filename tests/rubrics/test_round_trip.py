"""A rubric comes out as it went in: by API, through the database, and by editor."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis.extra.django import TestCase

from accounts.models import Project, User
from rubrics.actions import create_rubric
from rubrics.forms.criterion import CriterionForm, row_of
from rubrics.forms.lines import levels_text, read_levels
from rubrics.instrument import read_instrument
from rubrics.serialize import criteria_json
from rubrics.shape import read_criteria
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
    typed = [CriterionForm(as_sent_by_a_browser(row)).as_json() for row in rows]
    assert read_criteria(typed) == read_criteria(posted)


def as_sent_by_a_browser(row: dict[str, Any]) -> dict[str, Any]:
    """Unticked boxes are not sent, and line breaks are CR LF."""
    return {
        name: value.replace("\n", "\r\n") if isinstance(value, str) else "on"
        for name, value in row.items()
        if value is not False
    }


def test_bars_line_breaks_and_backslashes_stay_within_their_part() -> None:
    level = {
        "value": "a|b\\",
        "label": "\\n is not a break",
        "anchor": "one\ntwo | three",
        "hotkey": "|",
    }
    assert read_levels(levels_text([level]), "nominal") == [level]


def test_defaults_are_not_written_out() -> None:
    levels = [
        {"value": 1, "label": "1", "anchor": "", "hotkey": "1"},
        {"value": 2, "label": "Good", "anchor": "Nothing to add.", "hotkey": "2"},
        {"value": 3, "label": "3", "anchor": "Best.", "hotkey": "3"},
    ]
    assert levels_text(levels) == "1\n2 | Good | Nothing to add.\n3 |  | Best."
