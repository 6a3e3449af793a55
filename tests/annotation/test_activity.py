"""The feed: what happened, in sentences, with links, filtered and paged."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from accounts.audit_sentences import SENTENCES
from accounts.audit_words import VERBS
from accounts.models import AuditEvent, User
from annotation.actions.changing import change_batch
from annotation.models import Batch
from tests.annotation.queries import queries_of
from tests.annotation.screen import text


def test_events_are_told_as_sentences_with_links(
    signed_in: Any, open_batch: Batch, ada: User
) -> None:
    change_batch(batch=open_batch, by=ada, overlap=3)
    page = text(signed_in(ada).get(f"/projects/{open_batch.project_id}/activity/"))
    assert '<b dir="auto">Ada</b> opened <a href="/batches/' in page
    assert "changed" in page
    assert "with 12 units" in page


def test_what_people_wrote_is_escaped(
    signed_in: Any, open_batch: Batch, ada: User
) -> None:
    Batch.objects.filter(pk=open_batch.pk).update(name="<i>100%s</i> %(who)s")
    page = text(signed_in(ada).get(f"/projects/{open_batch.project_id}/activity/"))
    assert "&lt;i&gt;100%s&lt;/i&gt; %(who)s" in page
    assert "<i>100" not in page


def test_it_is_filtered_by_person_subject_and_kind(
    signed_in: Any, api: Any, open_batch: Batch, ada: User, olga: User
) -> None:
    manager: Client = signed_in(ada)
    address = f"/projects/{open_batch.project_id}/activity/"
    assert "opened" in text(manager.get(f"{address}?about=batches"))
    assert "Nothing of that kind" in text(manager.get(f"{address}?about=gold"))
    nobody = manager.get(f"{address}?person=olga@example.org")
    assert "Nothing of that kind" in text(nobody)
    mine = text(manager.get(f"{address}?batch={open_batch.pk}"))
    assert "opened" in mine
    audit = f"/api/v1/projects/{open_batch.project_id}/audit?verb=batch%20opened"
    found = json.loads(api(ada).get(audit).content)["results"]
    assert [row["verb"] for row in found] == ["batch opened"]


def test_a_page_leads_to_what_is_older_at_the_same_cost(
    signed_in: Any, open_batch: Batch, ada: User
) -> None:
    manager: Client = signed_in(ada)
    address = f"/projects/{open_batch.project_id}/activity/"
    with queries_of() as few:
        manager.get(address)
    for number in range(60):
        AuditEvent.objects.record(
            "batch changed",
            open_batch,
            by=ada,
            project=open_batch.project,
            overlap=number,
        )
    with queries_of() as many:
        page = text(manager.get(address))
    assert len(many) <= len(few)
    assert "Older" in page
    last = AuditEvent.objects.order_by("-pk")[49].pk
    assert f"before={last}" in page
    assert "Newest" in text(manager.get(f"{address}?before={last}"))


def test_every_sentence_is_of_a_verb_on_record() -> None:
    assert set(SENTENCES) - set(VERBS) == set()
