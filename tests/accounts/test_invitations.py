"""Invitations by link: who may join by one, as what, and how often."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.actions.invitations import invite
from accounts.actions.members import remove_member
from accounts.models import AuditEvent, Invitation, Membership, Role, User

NEW_PASSWORD = "an entirely different phrase"
NINA = {"name": "Nina", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}


@pytest.fixture
def link(accounts_invited) -> str:
    return f"/invitations/{accounts_invited[1]}/"


@pytest.fixture
def link_for(project, ada):
    """link_for(ben): the address of an invitation to annotate."""

    def make(person: User, role: str = Role.ANNOTATOR) -> str:
        _, secret = invite(project=project, email=person.email, role=role, by=ada)
        return f"/invitations/{secret}/"

    return make


def role_of(project, email: str) -> str | None:
    members = Membership.objects.current().filter(project=project, user__email=email)
    return members.values_list("role", flat=True).first()


def test_a_newcomer_makes_an_account_and_joins(client, project, link):
    page = client.get(link).content.decode()
    assert "Join Support answers" in page
    assert "in this role: Annotator" in page

    assert client.post(link, NINA)["Location"] == "/"

    assert role_of(project, "nina@example.org") == Role.ANNOTATOR
    assert client.get("/api/v1/me").json()["name"] == "Nina"
    joined = AuditEvent.objects.get(verb="member added")
    assert joined.actor.email == "nina@example.org"


def test_an_invitation_works_once(client, link):
    client.post(link, NINA)
    assert client.get(link).status_code == 404
    assert Client().post(link, NINA | {"name": "Somebody"}).status_code == 404
    assert User.objects.get(email="nina@example.org").name == "Nina"


@pytest.mark.parametrize("ended", ["expired", "revoked", "never made", "sender left"])
def test_an_invitation_that_is_over_is_not_found(
    client, project, olga, ada, accounts_invited, link, ended
):
    invitation, _ = accounts_invited
    if ended == "expired":
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif ended == "revoked":
        client.force_login(ada)
        where = f"/projects/{project.pk}/invitations/{invitation.pk}/revocation/"
        assert client.post(where).status_code == 302
        client.logout()
    elif ended == "never made":
        link = "/invitations/made-up/"
    else:
        manager = Membership.objects.get(project=project, user=ada)
        remove_member(membership=manager, by=olga)

    for response in [client.get(link), client.post(link, NINA)]:
        assert response.status_code == 404
    assert not User.objects.filter(email="nina@example.org").exists()


def test_an_invitation_expires_in_seven_days(accounts_invited):
    left = accounts_invited[0].expires_at - timezone.now()
    assert timedelta(days=6, hours=23) < left <= timedelta(days=7)


def test_somebody_with_an_account_signs_in_first_and_joins_by_a_button(
    client, project, eve, link_for
):
    link = link_for(eve)
    page = client.get(link)
    assert f'href="/sign-in/?next={link.replace("/", "%2F")}"' in page.content.decode()
    assert client.post(link, NINA).status_code == 422
    eve.refresh_from_db()
    assert not eve.check_password(NEW_PASSWORD)

    client.force_login(eve)
    assert "Join in this role: Annotator" in client.get(link).content.decode()
    assert role_of(project, eve.email) is None, "a GET changes nothing"
    assert client.post(link)["Location"] == "/"
    assert role_of(project, eve.email) == Role.ANNOTATOR


def test_somebody_elses_invitation_is_not_accepted(signed_in, project, eve, link):
    client = signed_in(eve)
    page = client.get(link).content.decode()
    assert "signed in as eve@example.org" in page
    assert "for nina@example.org" in page

    assert client.post(link).status_code == 422
    assert role_of(project, eve.email) is None
    assert Client().get(link).status_code == 200, "it is still open"


def test_an_account_that_an_import_made_is_opened_by_accepting(
    client, project, link_for
):
    imported = User.objects.create_user("rater-7@example.org", is_active=False)
    client.post(link_for(imported), NINA)

    imported.refresh_from_db()
    assert imported.is_active
    assert imported.check_password(NEW_PASSWORD)
    assert role_of(project, imported.email) == Role.ANNOTATOR


@pytest.mark.parametrize("power", ["owns another project", "administers the site"])
def test_an_invitation_does_not_open_an_account_with_more_power_than_its_sender(
    client, elsewhere, join, link_for, power
):
    """Whoever invites sees the link: it must not be a way into others' accounts."""
    made = User.objects.create_user("rater-7@example.org")
    if power == "owns another project":
        join(elsewhere, made, Role.OWNER)
    else:
        User.objects.filter(pk=made.pk).update(is_superuser=True)

    assert client.post(link_for(made), NINA).status_code == 422
    made.refresh_from_db()
    assert not made.has_usable_password()


@pytest.mark.parametrize(
    "change",
    [{"name": ""}, {"password1": "short", "password2": "short"}, {"password2": "x"}],
    ids=["no name", "short password", "typed differently"],
)
def test_an_incomplete_answer_leaves_the_invitation_open(client, link, change):
    assert client.post(link, NINA | change).status_code == 422
    assert client.get(link).status_code == 200


def test_who_left_and_is_invited_again_gets_their_row_back(
    client, project, ada, ben, link_for
):
    before = Membership.objects.get(project=project, user=ben)
    remove_member(membership=before, by=ada)
    link = link_for(ben, Role.VIEWER)
    client.force_login(ben)
    client.post(link)

    after = Membership.objects.get(project=project, user=ben)
    assert (after.pk, after.pseudonym) == (before.pk, before.pseudonym)
    assert (after.role, after.left_at) == (Role.VIEWER, None)


# --- Inviting -------------------------------------------------------------------------


def send(client: Client, project, email="nina@example.org", role="annotator", **more):
    return client.post(
        f"/projects/{project.pk}/members/", {"email": email, "role": role, **more}
    )


def test_without_a_mail_server_the_link_is_shown_to_copy(signed_in, project, ada):
    response = send(signed_in(ada), project, also_annotates="on")

    found = re.search(
        r"http://testserver(/invitations/[^\s<\x22]+)", response.content.decode()
    )
    assert response.status_code == 200
    assert Client().get(found[1]).status_code == 200
    assert found[1].split("/")[2] not in str(Invitation.objects.values().get())
    assert mail.outbox == []


def test_with_a_mail_server_the_link_is_mailed(signed_in, project, ada, settings):
    settings.EMAIL_URL = "smtp://mail.example.org"
    client = signed_in(ada)
    response = send(client, project)

    assert response.status_code == 200
    assert "http://testserver/invitations/" in response.content.decode(), "shown too"
    assert mail.outbox[0].to == ["nina@example.org"]
    found = re.search(
        r"http://testserver(/invitations/[^\s<\x22]+)", mail.outbox[0].body
    )
    assert Client().get(found[1]).status_code == 200


def test_links_carry_the_address_that_the_operator_gives(
    signed_in, project, ada, settings
):
    settings.TOUCHSTONE_URL = "https://touchstone.example.org"
    page = send(signed_in(ada), project).content.decode()
    assert "https://touchstone.example.org/invitations/" in page


def test_several_are_invited_at_once_each_with_a_link(
    signed_in, project, ada, settings
):
    settings.EMAIL_URL = "smtp://mail.example.org"
    lines = "nina@example.org\n\n  OTTO@example.org ,\nnina@example.org\n"
    response = send(signed_in(ada), project, email=lines, role="viewer")

    assert response.status_code == 200
    links = re.findall(r"/invitations/([^/\"]+)/\"", response.content.decode())
    assert len(set(links)) == 2
    assert sorted(letter.to[0] for letter in mail.outbox) == [
        "nina@example.org",
        "otto@example.org",
    ]
    invited = Invitation.objects.open().values_list("email", "role")
    assert set(invited) == {
        ("nina@example.org", "viewer"),
        ("otto@example.org", "viewer"),
    }


def test_one_wrong_line_invites_nobody_and_every_fault_is_told_at_its_line(
    signed_in, project, ada, ben
):
    too_long = f"a@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.{'f' * 60}.org"
    lines = f"nina@example.org\nnobody@\n{ben.email}\nx y\n{too_long}"
    page = send(signed_in(ada), project, email=lines).content.decode()
    assert "Line 2: This is not an e-mail address." in page
    assert "Line 4: This is not an e-mail address." in page
    assert "Line 5: This is not an e-mail address." in page
    lines = f"nina@example.org\n{ben.email}"
    response = send(signed_in(ada), project, email=lines)
    assert response.status_code == 422
    page = response.content.decode()
    assert "Line 2: This person is already a member" in page
    assert "nina@example.org" in page, "what was typed is still there"
    assert not Invitation.objects.exists()


def test_sending_again_gives_a_new_link_for_another_week(
    signed_in, project, ada, accounts_invited, link
):
    invitation, _ = accounts_invited
    Invitation.objects.update(expires_at=timezone.now() + timedelta(hours=1))
    where = f"/projects/{project.pk}/invitations/{invitation.pk}/renewal/"
    page = signed_in(ada).post(where).content.decode()

    found = re.search(r"http://testserver(/invitations/[^\s<\"]+)", page)
    assert Client().get(found[1]).status_code == 200
    assert Client().get(link).status_code == 404
    again = Invitation.objects.open().get()
    assert again.expires_at > timezone.now() + timedelta(days=6)
    assert (again.email, again.role) == (invitation.email, invitation.role)


def test_invitations_by_api(api, project, ada, ben):
    where = f"/api/v1/projects/{project.pk}/invitations"
    program = api(ada)
    sent = {"emails": ["Nina@example.org", "nina@example.org"], "role": "annotator"}
    made = program.post(where, sent, content_type="application/json")
    assert made.status_code == 201
    (one,) = made.json()["invitations"]
    assert (one["email"], one["mailed"]) == ("nina@example.org", False)
    assert (
        Client().get(one["link"].removeprefix("http://testserver")).status_code == 200
    )

    (listed,) = program.get(where).json()["results"]
    assert "link" not in listed
    assert listed["id"] == one["id"]
    renewed = program.post(f"{where}/{one['id']}/renewal").json()
    assert renewed["link"] != one["link"]
    assert program.delete(f"{where}/{renewed['id']}").status_code == 204
    assert program.get(where).json()["results"] == []

    sent["emails"] = ["otto@example.org", ben.email]
    refused = program.post(where, sent, content_type="application/json")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "emails.1"
    assert not Invitation.objects.open().exists()


def test_when_the_mail_server_fails_the_link_is_shown(
    signed_in, project, ada, settings, monkeypatch
):
    def refuse(*args: object) -> None:
        raise ConnectionRefusedError

    settings.EMAIL_URL = "smtp://mail.example.org"
    monkeypatch.setattr("accounts.mail.send_mail", refuse)
    response = send(signed_in(ada), project)

    assert response.status_code == 200
    assert "http://testserver/invitations/" in response.content.decode()


def test_a_project_named_with_a_line_break_breaks_no_letter(
    signed_in, project, ada, settings
):
    settings.EMAIL_URL = "smtp://mail.example.org"
    project.name = "Support\r\nBcc: eve@example.org"
    project.save()
    send(signed_in(ada), project)
    assert mail.outbox[0].subject == "Touchstone: Support Bcc: eve@example.org"


def test_inviting_again_replaces_the_link(signed_in, project, ada, link):
    send(signed_in(ada), project, email="Nina@Example.org", role="viewer")

    assert Client().get(link).status_code == 404
    assert Invitation.objects.open().get().role == Role.VIEWER


def test_a_member_is_not_invited(signed_in, project, ada, ben):
    response = send(signed_in(ada), project, email=ben.email)
    assert response.status_code == 422
    assert "already a member" in response.content.decode()


@pytest.mark.parametrize(
    ("person", "may_give"),
    [
        ("olga", ["owner", "manager", "adjudicator", "annotator", "viewer"]),
        ("ada", ["adjudicator", "annotator", "viewer"]),
    ],
)
def test_invitations_are_to_roles_below_ones_own(
    signed_in, project, person, may_give, request
):
    client = signed_in(request.getfixturevalue(person))
    for role in Role.values:
        response = send(client, project, email=f"{role}@example.org", role=role)
        assert response.status_code == (200 if role in may_give else 422), role


def test_a_manager_revokes_no_invitation_of_an_owner(signed_in, project, olga, ada):
    invitation, _ = invite(
        project=project, email="next@example.org", role=Role.OWNER, by=olga
    )
    where = f"/projects/{project.pk}/invitations/{invitation.pk}/revocation/"
    assert signed_in(ada).post(where).status_code == 403
    assert send(signed_in(ada), project, "next@example.org").status_code == 403
    assert Invitation.objects.open().filter(pk=invitation.pk).exists()
