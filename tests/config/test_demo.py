"""The demo project: complete, true to what it says of itself, safe to load again."""

from __future__ import annotations

import random
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts.models import Project
from annotation.agreement import measure_batch
from annotation.invariants import violations
from annotation.models import Batch, Item, Judgment, Output, Unit
from config.demo.loading import NAME, PEOPLE, demo_project, email_of, load_demo
from config.demo.simulation import ANNOTATORS, compare, score

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo() -> Project:
    return load_demo()


def test_every_page_has_something_to_show_and_something_is_left_to_do(
    demo: Project, signed_in: Any
) -> None:
    assert (Item.objects.count(), Output.objects.count()) == (48, 144)
    assert sorted(Batch.objects.values_list("layout", "state")) == [
        ("pairwise", "open"),
        ("scoring", "open"),
    ]
    for batch in Batch.objects.all():
        units = Unit.objects.filter(batch=batch)
        judged = Judgment.objects.filter(assignment__batch=batch)
        assert units.count() == 144
        assert judged.count() > 300
        assert units.claimable().count() > 30
        for criterion in measure_batch(batch).criteria:
            assert criterion.measured is not None
            assert criterion.measured.alpha.low is not None
    assert list(violations()) == []


def test_the_page_says_that_the_judgments_are_simulated(
    demo: Project, signed_in: Any
) -> None:
    from accounts.models import User

    manager = signed_in(User.objects.get(email=email_of("manager")))
    page = manager.get(f"/projects/{demo.pk}/")
    assert "come from a simulation" in page.content.decode()


def test_there_is_one_account_for_each_role_and_none_has_a_password(
    demo: Project,
) -> None:
    members = demo.memberships.filter(user__email__endswith="@demo.example")
    assert {m.role for m in members} == set(PEOPLE)
    assert not any(m.user.has_usable_password() for m in members)
    simulated = demo.memberships.filter(user__email__endswith="@simulated.example")
    assert simulated.count() == len(ANNOTATORS)
    assert not any(m.user.is_active for m in simulated.select_related("user"))


def test_the_demo_is_found_again_and_only_it() -> None:
    assert demo_project() is None
    made = load_demo()
    assert demo_project() == made
    assert made.name == NAME


def test_starting_afresh_refuses_to_empty_a_database_with_other_work(
    project: Project,
) -> None:
    with pytest.raises(
        CommandError, match=r"more than the demo|embedded database only"
    ):
        call_command("demo", fresh=True)
    assert Project.objects.filter(pk=project.pk).exists()


def test_the_simulation_has_the_traits_that_it_is_said_to_have() -> None:
    """Over many draws, leniency moves the level and preference moves the choice."""
    truth = {"correctness": 3, "completeness": 3, "tone": 3, "sendable": True}
    means, firsts = {}, {}
    for annotator in ANNOTATORS:
        chance = random.Random(7)
        levels = [score(annotator, truth, chance)["tone"] for _ in range(2_000)]
        choices = [compare(annotator, truth, truth, chance) for _ in range(2_000)]
        means[annotator.name] = sum(levels) / len(levels)
        decided = [choice for choice in choices if choice in "AB"]
        firsts[annotator.name] = decided.count("A") / len(decided)
    assert means["Amara"] < means["Mira"] < means["Jonas"]
    assert abs(firsts["Mira"] - 0.5) < 0.06
    assert firsts["Felix"] > 0.7


def test_the_simulation_repeats_itself() -> None:
    truth = {"correctness": 4, "completeness": 2, "tone": 5, "sendable": False}
    one, other = (score(ANNOTATORS[0], truth, random.Random(3)) for _ in range(2))
    assert one == other


def test_every_start_prints_new_links_and_how_to_get_another(
    demo: Project, capsys: Any
) -> None:
    from config.management.commands.demo import Command

    Command().announce("http://127.0.0.1:8001")

    said = capsys.readouterr().out
    assert said.count("http://127.0.0.1:8001/sign-in/") == len(PEOPLE)
    assert (
        "uv run manage.py sign_in_link annotator@demo.example "
        "--base-url http://127.0.0.1:8001"
    ) in said
