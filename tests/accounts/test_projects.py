"""Projects and one's account: who makes, names and sees what."""

from __future__ import annotations

import pytest

from accounts.models import AuditEvent, Membership, Project, Role, Scope

JSON = "application/json"


def test_a_site_admin_makes_a_project_and_owns_it(api, sam):
    client = api(sam)
    response = client.post("/api/v1/projects", {"name": "New"}, content_type=JSON)

    assert response.status_code == 201
    body = response.json()
    assert body == {"id": str(Project.objects.get().pk), "name": "New"}
    assert Membership.objects.get(user=sam).role == Role.OWNER
    assert client.get("/api/v1/projects").json()["results"] == [body]
    assert client.get(f"/api/v1/projects/{body['id']}").json() == body
    assert AuditEvent.objects.get(verb="project created").actor == sam


@pytest.mark.parametrize("scopes", [[Scope.READ], [Scope.READ, Scope.IMPORT]])
def test_a_narrow_token_of_a_site_admin_makes_none(api, sam, scopes):
    response = api(sam, scopes=scopes).post(
        "/api/v1/projects", {"name": "New"}, content_type=JSON
    )
    assert response.status_code == 403


def test_a_token_bound_to_a_project_makes_no_other(api, project, join, sam):
    join(project, sam, Role.VIEWER)
    response = api(sam, project=project).post(
        "/api/v1/projects", {"name": "New"}, content_type=JSON
    )
    assert response.status_code == 403


def test_administering_the_site_opens_no_project(api, signed_in, project, sam):
    assert api(sam).get(f"/api/v1/projects/{project.pk}").status_code == 404
    assert signed_in(sam).get(f"/projects/{project.pk}/members/").status_code == 404
    assert api(sam).get("/api/v1/projects").json()["results"] == []


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, None, ["a"], {"a": 1}])
def test_a_project_needs_a_name(api, sam, name):
    response = api(sam).post("/api/v1/projects", {"name": name}, content_type=JSON)
    assert response.status_code == 422
    assert response.json()["errors"][0]["field"] == "name"
    assert not Project.objects.exists()


@pytest.mark.parametrize("body", ["[]", '"x"', "null", "{", '{"name": NaN}'])
def test_a_body_that_is_no_object_is_unreadable(api, sam, body):
    response = api(sam).post("/api/v1/projects", body, content_type=JSON)
    assert response.status_code == 400


def test_a_site_admin_makes_a_project_by_page(signed_in, sam):
    client = signed_in(sam)
    assert client.get("/projects/new/").status_code == 200
    response = client.post("/projects/new/", {"name": "New"})
    project = Project.objects.get()
    assert response["Location"] == f"/projects/{project.pk}/members/"
    assert client.post("/projects/new/", {"name": ""}).status_code == 422


def test_owners_rename_a_project(api, signed_in, project, olga):
    signed_in(olga).post(f"/projects/{project.pk}/settings/", {"name": "Renamed"})
    project.refresh_from_db()
    assert project.name == "Renamed"

    url = f"/api/v1/projects/{project.pk}"
    response = api(olga).patch(url, {"name": "Again"}, content_type=JSON)
    assert response.json()["name"] == "Again"
    event = AuditEvent.objects.filter(verb="project renamed").latest("pk")
    assert event.data == {"before": "Renamed", "after": "Again"}


def test_me_lists_present_memberships(api, project, elsewhere, join, ben):
    left = join(elsewhere, ben, Role.VIEWER)
    me = api(ben).get("/api/v1/me").json()
    assert me["email"] == ben.email
    assert {(m["project"], m["role"]) for m in me["memberships"]} == {
        (str(project.pk), "annotator"),
        (str(elsewhere.pk), "viewer"),
    }

    left.left_at = left.joined_at
    left.save()
    assert len(api(ben).get("/api/v1/me").json()["memberships"]) == 1
    assert len(api(ben).get("/api/v1/projects").json()["results"]) == 1


def test_the_account_page_names_ones_projects(signed_in, project, ben):
    client = signed_in(ben)
    page = client.get("/account/").content.decode()
    assert "Support answers" in page
    assert f"/projects/{project.pk}/members/" not in page, "not for annotators"


def test_the_account_page_takes_few_queries(
    signed_in, ben, olga, join, django_assert_max_num_queries
):
    for number in range(10):
        other = Project.objects.create(name=f"Project {number}", created_by=olga)
        join(other, ben, Role.VIEWER)
    client = signed_in(ben)
    with django_assert_max_num_queries(3):  # Session, person, memberships.
        client.get("/account/")
