"""API tokens: what they open, what they do not, and how they end."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import ApiToken, AuditEvent, Role, Scope

JSON = "application/json"
FORM = {"name": "nightly import", "project": "", "scopes": ["read"], "days": "90"}


def bearer(secret: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {secret}"})


def test_scopes_narrow_what_the_role_allows(api, project, ada):
    url = f"/api/v1/projects/{project.pk}"
    reader = api(ada, scopes=[Scope.READ])

    assert reader.get(url).status_code == 200
    new = {"email": "nina@example.org", "role": "viewer"}
    assert reader.post(f"{url}/members", new, content_type=JSON).status_code == 403
    assert reader.get(f"{url}/audit").status_code == 403

    importer = api(ada, scopes=[Scope.IMPORT])
    assert importer.get(url).status_code == 403
    assert importer.get("/api/v1/projects").status_code == 403


def test_scopes_never_widen_the_role(api, project, ben):
    url = f"/api/v1/projects/{project.pk}/members"
    assert api(ben, scopes=list(Scope.values)).get(url).status_code == 403


def test_a_token_of_one_project_does_not_know_the_other(
    api, project, elsewhere, join, ada
):
    join(elsewhere, ada, Role.MANAGER)
    client = api(ada, project=project)

    here, there = (f"/api/v1/projects/{p.pk}" for p in (project, elsewhere))
    assert client.get(here).status_code == 200
    foreign, missing = client.get(there), client.get(f"{there[:-4]}0000")
    assert foreign.status_code == missing.status_code == 404
    assert foreign.content == missing.content
    listed = client.get("/api/v1/projects").json()["results"]
    assert [row["id"] for row in listed] == [str(project.pk)]
    assert api(ada).get(there).status_code == 200, "an unbound one reaches both"


def test_a_token_follows_its_owners_present_role(api, project, ada):
    client = api(ada)
    url = f"/api/v1/projects/{project.pk}/audit"
    assert client.get(url).status_code == 200
    project.memberships.filter(user=ada).update(role=Role.VIEWER)
    assert client.get(url).status_code == 403


@pytest.mark.parametrize(
    "header",
    [
        "Bearer garbage",
        "Bearer ",
        "Bearer",
        "Basic YmVuOnB3",
        "Bearer tst_" + "a" * 49,
        "Bearer tst_é",
    ],
)
def test_a_header_that_is_no_token_is_refused(db, header):
    response = Client(headers={"Authorization": header}).get("/api/v1/me")
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")
    assert response["Content-Type"].startswith("application/problem+json")


@pytest.mark.parametrize("ended", ["expired", "revoked", "its owner switched off"])
def test_a_token_that_is_over_is_refused(ben, ended):
    _, secret = ApiToken.issue(user=ben, made_by=ben)
    assert bearer(secret).get("/api/v1/me").status_code == 200

    past = timezone.now() - timedelta(seconds=1)
    if ended == "expired":
        ApiToken.objects.update(expires_at=past)
    elif ended == "revoked":
        ApiToken.objects.update(revoked_at=past)
    else:
        ben.is_active = False
        ben.save()

    response = bearer(secret).get("/api/v1/me")
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_a_changed_character_is_another_token(ben):
    _, secret = ApiToken.issue(user=ben, made_by=ben)
    changed = secret[:20] + ("a" if secret[20] != "a" else "b") + secret[21:]
    assert bearer(changed).get("/api/v1/me").status_code == 401


def test_a_cookie_and_a_token_together_are_unreadable(signed_in, ben):
    _, secret = ApiToken.issue(user=ben, made_by=ben)
    client = signed_in(ben)
    response = client.get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"})
    assert response.status_code == 400


def test_a_token_opens_no_page(ben):
    _, secret = ApiToken.issue(user=ben, made_by=ben)
    response = bearer(secret).get("/account/tokens/")
    assert (response.status_code, response["Location"][:9]) == (302, "/sign-in/")


def test_a_session_needs_its_csrf_token_on_the_api(project, ada):
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)
    url = f"/api/v1/projects/{project.pk}/members"
    new = {"email": "nina@example.org", "role": "viewer"}
    assert client.post(url, new, content_type=JSON).status_code == 403

    client.get("/account/")
    csrf = client.cookies["csrftoken"].value
    response = client.post(url, new, content_type=JSON, headers={"X-CSRFToken": csrf})
    assert response.status_code == 201


def test_the_secret_is_kept_nowhere(ben):
    token, secret = ApiToken.issue(user=ben, made_by=ben)
    row = ApiToken.objects.filter(pk=token.pk).values().get()
    assert secret not in str(row)
    assert secret[20:] not in str(row)


# --- The page -------------------------------------------------------------------------


def test_a_token_is_made_and_shown_once(just_signed_in, ben):
    client = just_signed_in(ben)
    response = client.post("/account/tokens/", FORM)

    assert response.status_code == 200
    secret = re.search(r"tst_\w{49}", response.content.decode())[0]
    assert bearer(secret).get("/api/v1/me").json()["email"] == ben.email
    assert secret not in client.get("/account/tokens/").content.decode()
    made = AuditEvent.objects.get(verb="token made")
    assert (made.actor, made.data["scopes"]) == (ben, ["read"])
    assert secret not in str(made.data)


def test_making_one_asks_again_who_it_is_and_goes_on_with_what_was_typed(
    signed_in, ben
):
    client = signed_in(ben)
    asked = client.post("/account/tokens/", FORM)
    assert asked["Location"] == "/sign-in/again/?next=%2Faccount%2Ftokens%2F"
    assert not ApiToken.objects.exists()

    sent = {"password": "not mine", "next": "/account/tokens/"}
    assert client.post("/sign-in/again/", sent).status_code == 422
    sent["password"] = "correct horse battery staple"
    page = client.post("/sign-in/again/", sent)
    assert page.status_code == 200
    assert "tst_" in page.content.decode()
    assert ApiToken.objects.get().name == "nightly import"


def test_a_token_is_made_for_one_project(just_signed_in, project, ben):
    just_signed_in(ben).post("/account/tokens/", FORM | {"project": project.pk})
    assert ApiToken.objects.get().project == project


def test_a_foreign_project_is_not_offered(just_signed_in, project, elsewhere, ben):
    client = just_signed_in(ben)
    response = client.post("/account/tokens/", FORM | {"project": elsewhere.pk})
    assert response.status_code == 422
    assert "Elsewhere" not in response.content.decode()
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"scopes": []},
        {"scopes": ["root"]},
        {"days": "0"},
        {"days": "99999"},
        {"days": "x"},
        {"name": ""},
    ],
)
def test_a_token_that_makes_no_sense_is_not_made(just_signed_in, ben, change):
    client = just_signed_in(ben)
    assert client.post("/account/tokens/", FORM | change).status_code == 422
    assert not ApiToken.objects.exists()


def test_revoking_ends_a_token_at_once(signed_in, ben):
    token, secret = ApiToken.issue(user=ben, made_by=ben)
    client = signed_in(ben)
    for _ in range(2):
        client.post(f"/account/tokens/{token.pk}/revocation/")

    assert bearer(secret).get("/api/v1/me").status_code == 401
    assert AuditEvent.objects.filter(verb="token revoked", actor=ben).count() == 1


def test_ones_own_tokens_only(signed_in, ben, cleo):
    token, _ = ApiToken.issue(user=ben, made_by=ben, name="Ben's import")
    client = signed_in(cleo)
    assert client.post(f"/account/tokens/{token.pk}/revocation/").status_code == 404
    assert "Ben's import" not in client.get("/account/tokens/").content.decode()


def test_the_list_takes_as_many_queries_for_many(
    signed_in, project, ben, django_assert_max_num_queries
):
    for _ in range(20):
        ApiToken.issue(user=ben, made_by=ben, project=project)
    client = signed_in(ben)
    with django_assert_max_num_queries(4):
        client.get("/account/tokens/")
