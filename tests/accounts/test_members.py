"""Members: who may add, change and remove whom, by page and by API."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client

from accounts.actions.tokens import make_member_token
from accounts.desk import people
from accounts.models import (
    ApiToken,
    AuditEvent,
    Invitation,
    Membership,
    Role,
    Scope,
    User,
)
from accounts.models.audit import AuditEventQuerySet
from accounts.permissions import outranks

JSON = "application/json"


@pytest.fixture
def members(project) -> str:
    return f"/api/v1/projects/{project.pk}/members"


@pytest.fixture
def membership(project):
    """membership(ben): his row in the project, as it is now."""

    def find(user: User) -> Membership:
        return Membership.objects.get(project=project, user=user)

    return find


def post(client: Client, url: str, **body: object):
    return client.post(url, body, content_type=JSON)


def patch(client: Client, url: str, **body: object):
    return client.patch(url, body, content_type=JSON)


# --- The rule -------------------------------------------------------------------------

ORDER = ["owner", "manager", "adjudicator", "annotator", "viewer"]


@pytest.mark.parametrize("own", ORDER)
@pytest.mark.parametrize("other", ORDER)
def test_one_outranks_the_roles_below_and_owners_outrank_all(own, other):
    below = ORDER.index(other) > ORDER.index(own)
    assert outranks(Membership(role=own), other) is (below or own == "owner")


@pytest.mark.parametrize("acting", ["olga", "ada"])
@pytest.mark.parametrize("target", ["olga", "ada", "mona", "dov", "ben", "vic"])
@pytest.mark.parametrize("role", ORDER)
def test_who_changes_whom_to_what(
    api, members, project, join, membership, acting, target, role, request
):
    """Managers change those below them to roles below theirs; owners anybody."""
    olga, ada = request.getfixturevalue("olga"), request.getfixturevalue("ada")
    people = {
        **{name: request.getfixturevalue(name) for name in ["dov", "ben", "vic"]},
        "olga": olga,
        "ada": ada,
        "mona": User.objects.create_user("mona@example.org"),
    }
    join(project, people["mona"], Role.MANAGER)
    person = people[target]
    before = membership(person).role

    response = patch(api(people[acting]), f"{members}/{person.pk}", role=role)

    if acting == "olga" and target == "olga":
        expected = 200 if role == "owner" else 409  # She is the last owner.
    elif acting == "olga":
        expected = 200
    else:
        lower = {"adjudicator", "annotator", "viewer"}
        may = (before in lower or target == "ada") and role in lower
        expected = 200 if may else 403
    assert response.status_code == expected
    assert membership(person).role == (role if expected == 200 else before)


# --- Adding by API --------------------------------------------------------------------


def test_adding_makes_the_account_if_there_is_none(api, members, ada):
    response = post(
        api(ada), members, email="Nina@Example.org", role="annotator", name="Nina"
    )

    assert response.status_code == 201
    nina = User.objects.get(email="nina@example.org")
    assert not nina.has_usable_password()
    body = response.json()
    assert (body["user"], body["role"]) == (str(nina.pk), "annotator")
    assert (body["email"], body["name"]) == ("nina@example.org", "Nina")
    assert "token" not in body


def test_adding_again_is_the_same_and_another_role_is_a_conflict(
    api, members, ada, ben
):
    client = api(ada)
    same = post(client, members, email=ben.email, role="annotator")
    assert (same.status_code, same.json()["user"]) == (200, str(ben.pk))

    other = post(client, members, email=ben.email, role="viewer")
    assert other.status_code == 409
    assert "PATCH" in other.json()["detail"]
    other = post(
        client, members, email=ben.email, role="annotator", also_annotates=True
    )
    assert other.status_code == 409


def test_adding_an_existing_account_does_not_rename_it(api, members, ada, eve):
    post(api(ada), members, email=eve.email, role="viewer", name="Mallory")
    eve.refresh_from_db()
    assert eve.name == "Eve"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"role": "viewer"}, "email"),
        ({"email": "no address", "role": "viewer"}, "email"),
        ({"email": "n@example.org"}, "role"),
        ({"email": "n@example.org", "role": "god"}, "role"),
        ({"email": ["n@example.org"], "role": "viewer"}, "email"),
        ({"email": "n@example.org", "role": "viewer", "name": "x" * 151}, "name"),
    ],
)
def test_a_body_that_makes_no_sense_is_refused(api, members, ada, body, field):
    response = post(api(ada), members, **body)
    assert response.status_code == 422
    assert field in [
        error["field"].split(".")[0] for error in response.json()["errors"]
    ]


@pytest.mark.parametrize("role", ["owner", "manager"])
def test_nobody_is_added_to_a_role_that_is_not_below(api, members, ada, role):
    response = post(api(ada), members, email="nina@example.org", role=role)
    assert response.status_code == 403
    assert not User.objects.filter(email="nina@example.org").exists()


def test_only_declared_fields_count(api, members, ada, ben, membership):
    """Mass assignment: an adding or changing body cannot reach the account."""
    more = {"is_superuser": True, "is_staff": True, "user": str(ben.pk), "left_at": "x"}
    response = post(api(ada), members, email="nina@example.org", role="viewer", **more)
    assert response.status_code == 201
    nina = User.objects.get(email="nina@example.org")
    assert not nina.is_superuser
    assert not nina.is_staff

    assert patch(api(ada), f"{members}/{ben.pk}", **more).status_code == 422


# --- Tokens for members ---------------------------------------------------------------


def ask_with_token(client: Client, members: str, email: str, role: str):
    return post(client, f"{members}?with_token=1", email=email, role=role)


def test_a_member_is_added_with_a_token_for_this_project_only(
    api, members, project, ada, elsewhere
):
    response = ask_with_token(api(ada), members, "nina@example.org", "annotator")

    client = Client(headers={"Authorization": f"Bearer {response.json()['token']}"})
    me = client.get("/api/v1/me").json()
    assert me["email"] == "nina@example.org"
    assert [m["project"] for m in me["memberships"]] == [str(project.pk)]
    made = AuditEvent.objects.get(verb="token made")
    assert (made.actor, made.project) == (ada, project)


def test_such_a_token_does_not_know_of_the_members_other_projects(
    api, members, ada, ben, elsewhere, join
):
    join(elsewhere, ben, Role.OWNER)
    token = ask_with_token(api(ada), members, ben.email, "annotator").json()["token"]

    client = Client(headers={"Authorization": f"Bearer {token}"})
    assert len(client.get("/api/v1/me").json()["memberships"]) == 1
    assert len(client.get("/api/v1/projects").json()["results"]) == 1
    assert client.get(f"/api/v1/projects/{elsewhere.pk}").status_code == 404


@pytest.mark.parametrize(
    ("acting", "target"), [("olga", "olga"), ("ada", "ada"), ("ada", "olga")]
)
def test_a_token_is_made_only_for_roles_strictly_below(
    api, members, membership, acting, target, request
):
    person = request.getfixturevalue(target)
    client = api(request.getfixturevalue(acting))
    role = membership(person).role
    assert ask_with_token(client, members, person.email, role).status_code == 403
    assert not ApiToken.objects.filter(user=person).exclude(made_by=person).exists()


def test_no_token_is_made_for_a_site_admin(api, members, olga, sam):
    response = ask_with_token(api(olga), members, sam.email, "viewer")
    assert response.status_code == 403
    assert not Membership.objects.filter(user=sam).exists(), "nothing is half done"


def test_a_narrow_token_makes_no_wider_one(api, members, ada, ben):
    client = api(ada, scopes=[Scope.ADMIN, Scope.READ])
    ask_with_token(client, members, ben.email, "annotator")

    made = ApiToken.objects.get(user=ben)
    assert set(made.scopes) == {Scope.ADMIN, Scope.READ}
    assert made.expires_at <= ApiToken.objects.get(user=ada).expires_at


@pytest.fixture
def lent(api, project, ada, ben, membership) -> Client:
    """A program with a token that Ada made for Ben."""
    _, secret = make_member_token(membership=membership(ben), by=ada, asked_with=None)
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    assert client.get("/api/v1/me").status_code == 200
    return client


def test_a_lent_token_does_not_rise_with_its_member(api, members, olga, ben, lent):
    patch(api(olga), f"{members}/{ben.pk}", role="owner")
    assert lent.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize("act", ["removed", "lowered"])
def test_a_lent_token_ends_with_its_makers_right(
    api, members, olga, ada, lent, project, act
):
    if act == "removed":
        api(olga).delete(f"{members}/{ada.pk}")
    else:
        patch(api(olga), f"{members}/{ada.pk}", role="viewer")
    assert lent.get("/api/v1/me").status_code == 401
    assert AuditEvent.objects.filter(verb="token revoked", actor=olga).exists()


# --- Changing and removing ------------------------------------------------------------


def test_the_last_owner_neither_leaves_nor_steps_down(
    api, members, olga, signed_in, project, membership
):
    own = f"{members}/{olga.pk}"
    assert api(olga).delete(own).status_code == 409
    assert patch(api(olga), own, role="viewer").status_code == 409

    page = f"/projects/{project.pk}/members/{olga.pk}/"
    client = signed_in(olga)
    assert client.post(page, {"role": "viewer"}).status_code == 422
    left = client.post(f"{page}removal/")
    assert left.status_code == 422
    assert "needs an owner" in left.content.decode()
    assert membership(olga).role == Role.OWNER


def test_with_a_second_owner_the_first_may_leave(api, members, olga, ada):
    patch(api(olga), f"{members}/{ada.pk}", role="owner")
    assert api(olga).delete(f"{members}/{olga.pk}").status_code == 204
    assert api(ada).delete(f"{members}/{ada.pk}").status_code == 409


def test_a_removed_member_is_out_at_once_and_the_row_stays(
    api, members, project, ada, ben, membership
):
    his = api(ben)
    own_page = f"/api/v1/projects/{project.pk}"
    assert his.get(own_page).status_code == 200

    assert api(ada).delete(f"{members}/{ben.pk}").status_code == 204

    assert his.get(own_page).status_code == 404
    assert membership(ben).left_at is not None
    assert api(ada).get(f"{members}/{ben.pk}").status_code == 404
    assert api(ada).delete(f"{members}/{ben.pk}").status_code == 404


def test_who_comes_back_keeps_the_pseudonym(api, members, ada, ben, membership):
    pseudonym = membership(ben).pseudonym
    api(ada).delete(f"{members}/{ben.pk}")
    response = post(api(ada), members, email=ben.email, role="viewer")

    assert response.status_code == 201
    assert response.json()["pseudonym"] == pseudonym


def test_removing_ends_the_invitations_one_sent(
    api, members, olga, ada, accounts_invited
):
    api(olga).delete(f"{members}/{ada.pk}")
    assert not Invitation.objects.open().exists()


def test_a_manager_does_not_make_themselves_more(api, members, ada, membership):
    own = f"{members}/{ada.pk}"
    for change in [{"role": "owner"}, {"also_annotates": True}]:
        assert patch(api(ada), own, **change).status_code == 403
    assert patch(api(ada), own, role="viewer").status_code == 200
    assert patch(api(ada), own, role="manager").status_code == 403


def test_the_flag_alone_keeps_the_role(api, members, ada, dov):
    response = patch(api(ada), f"{members}/{dov.pk}", also_annotates=True)
    assert (response.json()["role"], response.json()["also_annotates"]) == (
        "adjudicator",
        True,
    )
    assert patch(api(ada), f"{members}/{dov.pk}").status_code == 422


def test_a_change_without_its_audit_row_does_not_happen(
    api, members, ada, ben, membership, monkeypatch
):
    def fail(*args: object, **data: object) -> None:
        raise RuntimeError("the trail cannot be written")

    monkeypatch.setattr(AuditEventQuerySet, "record", fail)
    client = api(ada)
    client.raise_request_exception = False
    url = f"{members}/{ben.pk}"

    assert patch(client, url, role="viewer").status_code == 500
    assert client.delete(url).status_code == 500
    added = post(client, members, email="nina@example.org", role="viewer")
    assert added.status_code == 500

    assert (membership(ben).role, membership(ben).left_at) == ("annotator", None)
    assert not User.objects.filter(email="nina@example.org").exists()


def test_a_member_of_another_project_is_not_found_here(
    api, members, elsewhere, ada, eve
):
    for response in [
        api(ada).get(f"{members}/{eve.pk}"),
        patch(api(ada), f"{members}/{eve.pk}", role="viewer"),
        api(ada).delete(f"{members}/{eve.pk}"),
    ]:
        assert response.status_code == 404


# --- The pages ------------------------------------------------------------------------


def test_the_page_lists_people_and_invitations(
    signed_in, project, ada, accounts_invited
):
    page = signed_in(ada).get(f"/projects/{project.pk}/members/").content.decode()
    for text in ["ben@example.org", "Adjudicator", "nina@example.org", "Revoke"]:
        assert text in page


def test_the_page_offers_changes_only_of_those_below(
    signed_in, project, ada, olga, ben
):
    page = signed_in(ada).get(f"/projects/{project.pk}/members/").content.decode()
    assert f"/members/{ben.pk}/" in page
    assert f"/members/{ada.pk}/" in page
    assert f"/members/{olga.pk}/" not in page
    assert (
        signed_in(ada).get(f"/projects/{project.pk}/members/{olga.pk}/").status_code
        == 403
    )


def test_a_name_is_text_and_never_markup(signed_in, project, ada, ben):
    User.objects.filter(pk=ben.pk).update(name="<script>alert(1)</script>")
    for where in ["members/", f"members/{ben.pk}/"]:
        page = signed_in(ada).get(f"/projects/{project.pk}/{where}").content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


def test_a_role_is_changed_and_a_member_removed_by_page(
    signed_in, project, ada, ben, membership
):
    client, page = signed_in(ada), f"/projects/{project.pk}/members/{ben.pk}/"
    assert client.get(page).status_code == 200
    client.post(page, {"role": "viewer", "also_annotates": "on"})
    assert (membership(ben).role, membership(ben).also_annotates) == ("viewer", True)

    assert client.post(f"{page}removal/").status_code == 302
    assert membership(ben).left_at is not None


def test_leaving_leads_to_ones_account(signed_in, project, ada):
    response = signed_in(ada).post(f"/projects/{project.pk}/members/{ada.pk}/removal/")
    assert response["Location"] == "/account/"


def test_last_active_is_when_somebody_was_last_seen(signed_in, project, ada, ben):
    signed_in(ben)
    seen = ben.last_login + timedelta(hours=3)
    UserSession.objects.filter(user=ben).update(last_seen_at=seen)
    signed_in(ben)  # Elsewhere, seen when they signed in.
    [person] = people(project, list(project.memberships.filter(user=ben)))
    assert person.last_active_at == seen
    assert (
        seen.isoformat()
        in signed_in(ada).get(f"/projects/{project.pk}/members/").content.decode()
    )


def test_the_lists_take_as_many_queries_for_many_as_for_few(
    signed_in, api, members, project, ada, join, django_assert_max_num_queries
):
    for number in range(30):
        join(project, User.objects.create_user(f"p{number}@example.org"), Role.VIEWER)
    browser = signed_in(ada)
    with django_assert_max_num_queries(16):
        page = browser.get(f"/projects/{project.pk}/members/")
    assert page.content.decode().count("@example.org") > 30
    client = api(ada)
    with django_assert_max_num_queries(5):
        assert len(client.get(members).json()["results"]) == 36


def test_the_list_is_paged_by_cursor(api, members, ada):
    client = api(ada)
    first = client.get(f"{members}?limit=4").json()
    second = client.get(first["next"]).json()
    found = [row["user"] for row in first["results"] + second["results"]]
    assert len(found) == len(set(found)) == 6
    assert second["next"] is None


def test_an_unknown_role_is_told_which_there_are(api, members, olga):
    reply = post(api(olga), members, email="new@example.org", role="boss")
    assert reply.status_code == 422
    [error] = reply.json()["errors"]
    assert error["field"] == "role"
    assert "owner, manager, adjudicator, annotator, viewer" in error["message"]


def test_a_token_that_may_only_read_leaves_nothing(api, project, ben):
    leave = f"/api/v1/projects/{project.pk}/leave"
    assert api(ben, scopes=[Scope.READ, Scope.ANNOTATE]).post(leave).status_code == 403
    assert Membership.objects.current().filter(user=ben).exists()
    assert api(ben, scopes=[Scope.ADMIN, Scope.READ]).post(leave).status_code == 204
