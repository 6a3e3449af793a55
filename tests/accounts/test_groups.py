"""Groups and skills: names for several people, words by which work is given."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.actions.groups import make_group, members_of
from accounts.actions.members import remove_member
from accounts.models import AuditEvent, Group, Membership
from accounts.skills import BadSkills, cleaned


@pytest.fixture
def member(project):
    """member(ben): his membership."""

    def find(user) -> Membership:
        return Membership.objects.get(project=project, user=user)

    return find


def names_in(group: Group) -> list[str]:
    return sorted(members_of([group]).values_list("user__name", flat=True))


def test_a_manager_makes_changes_and_deletes_a_group(
    signed_in, project, ada, ben, cleo, member
):
    browser = signed_in(ada)
    where = f"/projects/{project.pk}/groups/"
    assert (
        browser.post(where, {"name": " German  desk ", "members": [member(ben).pk]})[
            "Location"
        ]
        == where
    )
    group = Group.objects.get()
    assert (group.name, names_in(group)) == ("German desk", ["Ben"])
    assert "German desk" in browser.get(where).content.decode()

    page = f"/groups/{group.pk}/"
    assert "Ben (ben@example.org)" in browser.get(page).content.decode()
    browser.post(page, {"name": "Desk", "members": [member(cleo).pk]})
    group.refresh_from_db()
    assert (group.name, names_in(group)) == ("Desk", ["Cleo"])

    assert browser.post(f"{page}deletion/").status_code == 302
    assert not Group.objects.exists()
    assert member(cleo).left_at is None
    verbs = AuditEvent.objects.order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["group created", "group changed", "group deleted"]


@pytest.mark.parametrize("name", ["Billing", "  Billing ", " "])
def test_a_name_is_given_once_and_is_not_blank(
    signed_in, project, ada, accounts_group, name
):
    response = signed_in(ada).post(f"/projects/{project.pk}/groups/", {"name": name})
    assert response.status_code == 422
    assert Group.objects.count() == 1


def test_who_leaves_is_in_no_group_until_they_are_back(
    project, ada, ben, cleo, member, accounts_group, signed_in
):
    remove_member(membership=member(ben), by=ada)
    assert names_in(accounts_group) == []
    signed_in(ada).post(
        f"/groups/{accounts_group.pk}/",
        {"name": "Billing", "members": [member(cleo).pk]},
    )
    Membership.objects.filter(user=ben).update(left_at=None)
    assert names_in(accounts_group) == ["Ben", "Cleo"]


def test_members_of_several_groups_come_once(project, ada, ben, cleo, member):
    both = make_group(
        project=project, name="Both", members=[member(ben), member(cleo)], by=ada
    )
    one = make_group(project=project, name="One", members=[member(ben)], by=ada)
    assert members_of([both, one]).count() == 2
    assert members_of([]).count() == 0


def test_no_member_of_another_project_comes_in(
    signed_in, project, ada, eve, elsewhere, accounts_group
):
    foreign = Membership.objects.get(project=elsewhere, user=eve)
    response = signed_in(ada).post(
        f"/groups/{accounts_group.pk}/", {"name": "Billing", "members": [foreign.pk]}
    )
    assert response.status_code == 422


def test_groups_by_api(api, project, ada, ben, cleo):
    program = api(ada)
    where = f"/api/v1/projects/{project.pk}/groups"
    made = program.post(
        where,
        {"name": "Desk", "members": ["BEN@example.org"]},
        content_type="application/json",
    )
    assert made.status_code == 201
    group = made.json()
    assert group["members"] == ["ben@example.org"]
    assert program.get(where).json()["results"] == [group]

    one = f"/api/v1/groups/{group['id']}"
    changed = program.patch(
        one, {"members": ["cleo@example.org"]}, content_type="application/json"
    )
    assert changed.json() == group | {"members": ["cleo@example.org"]}
    assert program.get(one).json() == changed.json()
    assert program.delete(one).status_code == 204
    assert program.get(one).status_code == 404


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        (
            {"name": "Desk", "members": ["ben@example.org", "eve@example.org"]},
            "members.1",
        ),
        ({"name": "Billing"}, "name"),
        ({"name": ""}, "name"),
        ({}, "name"),
    ],
)
def test_a_group_that_cannot_be_is_refused(
    api, project, ada, eve, accounts_group, sent, field
):
    response = api(ada).post(
        f"/api/v1/projects/{project.pk}/groups", sent, content_type="application/json"
    )
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == field
    assert Group.objects.count() == 1


# --- Skills and groups of a member ----------------------------------------------------


def test_a_managers_words_become_skills(signed_in, project, ada, ben, member):
    response = signed_in(ada).post(
        f"/projects/{project.pk}/members/{ben.pk}/",
        {"role": "annotator", "skills": " DE, billing ,de,, Legal  Texts"},
    )
    assert response.status_code == 302
    assert member(ben).skills == ["de", "billing", "legal texts"]
    event = AuditEvent.objects.get(verb="member changed")
    assert event.data["skills"] == ["de", "billing", "legal texts"]


def test_a_member_is_put_in_groups_on_their_page(
    signed_in, project, ada, cleo, member, accounts_group
):
    page = f"/projects/{project.pk}/members/{cleo.pk}/"
    sent = {"role": "annotator", "groups": [accounts_group.pk]}
    signed_in(ada).post(page, sent)
    assert names_in(accounts_group) == ["Ben", "Cleo"]
    assert "checked" in signed_in(ada).get(page).content.decode()
    signed_in(ada).post(page, {"role": "annotator"})
    assert names_in(accounts_group) == ["Ben"]


def test_skills_by_api(api, project, ada, ben, member):
    where = f"/api/v1/projects/{project.pk}/members/{ben.pk}"
    program: Client = api(ada)
    sent: dict[str, Any] = {"skills": ["DE", "de", " billing"]}
    response = program.patch(where, sent, content_type="application/json")
    assert response.json()["skills"] == ["de", "billing"]
    assert program.get(where).json()["skills"] == ["de", "billing"]
    for bad in (["x" * 101], [str(n) for n in range(51)], "de", [["de"]]):
        response = program.patch(
            where, {"skills": bad}, content_type="application/json"
        )
        assert response.status_code == 422, bad
    assert member(ben).skills == ["de", "billing"]


def test_skills_have_limits():
    assert len(cleaned(str(n) for n in range(50))) == 50
    with pytest.raises(BadSkills):
        cleaned(str(n) for n in range(51))
    with pytest.raises(BadSkills):
        cleaned(["x" * 101])


# --- The desk -------------------------------------------------------------------------


def test_the_desk_is_narrowed_by_words_role_group_and_skill(
    signed_in, project, ada, ben, accounts_group
):
    Membership.objects.filter(user=ben).update(skills=["süd"])
    pseudonym = Membership.objects.get(user=ben).pseudonym
    for query in [
        {"words": "BEN"},
        {"words": "ben@example"},
        {"words": pseudonym},
        {"group": accounts_group.pk},
        {"skill": "SÜD"},
        {"skill": "süd", "role": "annotator"},
    ]:
        page = signed_in(ada).get(f"/projects/{project.pk}/members/", query)
        people = [person.member.user.name for person, _ in page.context["people"]]
        assert people == ["Ben"], query
    page = signed_in(ada).get(
        f"/projects/{project.pk}/members/", {"skill": "süd", "role": "viewer"}
    )
    assert "Nobody here is like that" in page.content.decode()
