"""The audit trail: what its readers see."""

from __future__ import annotations

import pytest

from accounts.actions.members import change_member
from accounts.models import AuditEvent, Membership, Role


@pytest.fixture
def trail(project, olga, ada, ben):
    """Ada makes Ben a viewer; sixty further things happen after that."""
    change_member(
        membership=Membership.objects.get(project=project, user=ben),
        role=Role.VIEWER,
        by=ada,
    )
    for number in range(60):
        AuditEvent.objects.record(
            "batch opened", project, by=olga, project=project, number=number
        )
    return f"/projects/{project.pk}/audit/"


def test_the_page_says_who_did_what_newest_first(signed_in, trail, ada):
    client = signed_in(ada)
    first = client.get(trail).content.decode()
    assert first.count("Batch opened") == 50
    assert first.index("</span> 59") < first.index("</span> 58")

    last = client.get(f"{trail}?page=2").content.decode()
    for text in ["Member changed", "ada@example.org", "Annotator", "Viewer", "Ben"]:
        assert text in last


@pytest.mark.parametrize("page", ["x", "-1", "999", "0"])
def test_a_page_that_is_not_there_shows_one_that_is(signed_in, trail, ada, page):
    assert signed_in(ada).get(f"{trail}?page={page}").status_code == 200


def test_the_api_pages_the_same_trail(api, project, trail, ada, ben):
    url, client = f"/api/v1/projects/{project.pk}/audit", api(ada)
    rows, pages = [], 0
    while url:
        page = client.get(url, {"limit": 25} if not pages else None).json()
        rows, url, pages = rows + page["results"], page["next"], pages + 1

    assert (len(rows), pages) == (61, 3)
    oldest = rows[-1]
    assert (oldest["verb"], oldest["actor"]) == ("member changed", "ada@example.org")
    assert oldest["data"]["person"] == str(ben.pk)


def test_what_the_console_did_has_no_actor(api, project, trail, ada):
    AuditEvent.objects.record("token made", project, by=None, project=project)
    row = api(ada).get(f"/api/v1/projects/{project.pk}/audit").json()["results"][0]
    assert row["actor"] is None


def test_another_projects_trail_is_not_mixed_in(signed_in, trail, elsewhere, eve):
    AuditEvent.objects.record("gold released", elsewhere, by=eve, project=elsewhere)
    page = signed_in(eve).get(f"/projects/{elsewhere.pk}/audit/").content.decode()
    assert "Gold released" in page
    assert "Batch opened" not in page


def test_the_trail_takes_as_many_queries_for_many(
    signed_in, trail, ada, django_assert_max_num_queries
):
    client = signed_in(ada)
    with django_assert_max_num_queries(6):
        client.get(trail)
