"""Labels that Touchstone wrote itself are said in the reader's language."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from annotation.content.roles import spoken_role
from rubrics.instrument import Step


def step(code: str, label: str) -> Step:
    return Step(1, code, code, None, label, "", "")


@pytest.mark.parametrize(
    ("code", "label", "said"),
    [
        ("true", "Yes", "Ja"),
        ("false", "No", "Nein"),
        ("first_2", "First is much better", "Die erste ist viel besser"),
        ("true", "Sendable", "Sendable"),
        ("yes", "Yes", "Yes"),
        ("3", "", "3"),
    ],
)
def test_a_label_of_our_own_is_translated_and_a_managers_is_not(code, label, said):
    one = step(code, label)

    assert one.words == (label or code)
    with override("de"):
        assert one.words == said
    assert one.label == label


def test_usual_roles_are_translated_and_names_stay():
    with override("de"):
        assert spoken_role("assistant") == "Assistent"
        assert spoken_role("user · Kim") == "Nutzer · Kim"
        assert spoken_role("judge") == "judge"
    assert spoken_role("user") == "user"
