"""The console: accounts and tokens for those who run the installation."""

from __future__ import annotations

import io
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import ApiToken, AuditEvent, User

PASSWORD = "correct horse battery staple"


def run(*args: str, **options: object) -> list[str]:
    out = io.StringIO()
    call_command(*args, stdout=out, **options)
    return out.getvalue().splitlines()


def type_in(monkeypatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_create_user_prints_a_link_to_set_the_password(db, client):
    lines = run("create_user", "Nina@Example.org", "--name", "Nina")

    nina = User.objects.get()
    assert (nina.email, nina.name, nina.is_superuser) == (
        "nina@example.org",
        "Nina",
        False,
    )
    link = urlsplit(lines[-1]).path
    sent = {"password1": PASSWORD, "password2": PASSWORD}
    assert client.post(link, sent).status_code == 302
    nina.refresh_from_db()
    assert nina.check_password(PASSWORD)
    assert Client().get(link).status_code == 404
    assert AuditEvent.objects.get(verb="person created").actor is None


def test_create_user_reads_the_password(db, monkeypatch):
    type_in(monkeypatch, f"{PASSWORD}\n")
    lines = run("create_user", "sam@example.org", "--superuser", "--password-stdin")

    sam = User.objects.get()
    assert sam.is_superuser
    assert sam.check_password(PASSWORD)
    assert PASSWORD not in "".join(lines)
    assert "/password/link/" not in "".join(lines)


def test_sign_in_link_prints_a_link_that_lets_in_once(ben, client):
    lines = run("sign_in_link", "Ben@Example.org", "--base-url", "http://testserver")

    assert len(lines) == 1
    assert lines[0].startswith("http://testserver/")
    link = urlsplit(lines[0]).path
    assert client.post(link)["Location"] == "/"
    assert client.get("/api/v1/me").json()["email"] == "ben@example.org"
    assert Client().post(link).status_code == 404

    again = urlsplit(run("sign_in_link", "ben@example.org")[0]).path
    assert Client().post(again)["Location"] == "/"


def test_sign_in_link_refuses_nobody_and_an_account_that_is_switched_off(ben):
    with pytest.raises(CommandError, match=r"Nobody has the address no@example\.org"):
        run("sign_in_link", "no@example.org")
    ben.is_active = False
    ben.save()
    with pytest.raises(CommandError, match="switched off"):
        run("sign_in_link", "ben@example.org")


@pytest.mark.parametrize("typed", ["", "short\n", "password1234\n"])
def test_create_user_refuses_a_weak_password(db, monkeypatch, typed):
    type_in(monkeypatch, typed)
    with pytest.raises(CommandError):
        run("create_user", "sam@example.org", "--password-stdin")
    assert not User.objects.exists()


def test_create_user_refuses_what_is_no_new_address(ben):
    with pytest.raises(CommandError, match="has an account"):
        run("create_user", "BEN@example.org")
    with pytest.raises(CommandError, match="not an e-mail address"):
        run("create_user", "ben")


def test_create_token_prints_the_token_alone_on_the_last_line(project, ben):
    lines = run("create_token", "ben@example.org")

    client = Client(headers={"Authorization": f"Bearer {lines[-1]}"})
    assert client.get("/api/v1/me").json()["email"] == ben.email
    assert ApiToken.objects.get().project is None


@pytest.mark.parametrize("named_by", ["id", "name"])
def test_create_token_for_one_project_and_some_scopes(project, ben, named_by):
    named = str(project.pk) if named_by == "id" else project.name
    run(
        "create_token",
        "ben@example.org",
        "--project",
        named,
        "--scopes",
        "read, annotate",
        "--days",
        "7",
    )
    token = ApiToken.objects.get()
    assert (token.project, token.scopes) == (project, ["read", "annotate"])
    assert (token.expires_at - token.created_at).days in {6, 7}


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["nobody@example.org"], "Nobody has an account"),
        (["ben@example.org", "--project", "Elsewhere"], "is in no project"),
        (["ben@example.org", "--scopes", "read,root"], "Unknown scopes: root"),
        (["ben@example.org", "--scopes", ""], "Unknown scopes"),
        (["ben@example.org", "--days", "0"], "--days"),
    ],
)
def test_create_token_says_what_is_unknown(project, elsewhere, ben, args, says):
    with pytest.raises(CommandError, match=says):
        run("create_token", *args)
    assert not ApiToken.objects.exists()
