"""Every act in the browser has its API call and its audit event, or a reason why not.

ACTS names each address that takes a POST. A new one without a line here fails, as does
a line whose API call or verb does not exist. The verbs are proved by sending the API
call as the access table has it, and looking for the event.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.audit_words import VERBS
from accounts.models import AuditEvent
from annotation.actions.reassigning import reassign
from annotation.actions.withdrawing import withdraw_unit
from annotation.models import Batch, Unit
from tests.access import COLUMNS, Row
from tests.annotation.fixtures import ndjson, records


class Act(NamedTuple):
    """A browser act: "METHOD route" of the API, the verb of the audit trail.

    Where there is none, `no_api` or `no_event` says why. `elsewhere` names the test
    that proves the verb where the access table's own call cannot.
    """

    api: str = ""
    verb: str = ""
    no_api: str = ""
    no_event: str = ""
    elsewhere: str = ""


SIGNING_IN = "A person signs in; a program has a token."
ONES_OWN = "One's own preference, of no consequence for anybody else."
RECORD = "A claim, a draft or a submission is its own record."
BY_ITSELF = "The screen does it by itself; a program asks for what it wants."
SHOWS = "It shows, and changes nothing."
OUTSIDE = "Whoever follows the link has no account to call the API with."
NOT_BY_TOKEN = "A token that makes tokens would outlive its own end."
TWO_FACTOR = "A second factor guards the browser's sign-in; a token could lift it."

ACTS: dict[str, Act] = {
    # --- Signing in, by the library and by links
    "account_login": Act(no_api=SIGNING_IN, no_event=SIGNING_IN),
    "account_logout": Act(no_api=SIGNING_IN, no_event=SIGNING_IN),
    "account_signup": Act(no_api="Always 404.", no_event="Always 404."),
    "account_email": Act(no_api="A redirect.", no_event="A redirect."),
    "account_set_password": Act(no_api="A redirect.", no_event="A redirect."),
    "account_change_password": Act(
        no_api=SIGNING_IN,
        verb="password changed",
        elsewhere="tests/accounts/test_sign_in.py",
    ),
    "account_reset_password": Act(no_api=SIGNING_IN, no_event="It sends a letter."),
    "account_reset_password_from_key": Act(
        no_api=OUTSIDE,
        verb="password changed",
        elsewhere="tests/accounts/test_sign_in.py",
    ),
    "account_reauthenticate": Act(no_api=SIGNING_IN, no_event=SIGNING_IN),
    "mfa_authenticate": Act(no_api=SIGNING_IN, no_event=SIGNING_IN),
    "mfa_reauthenticate": Act(no_api=SIGNING_IN, no_event=SIGNING_IN),
    "mfa_activate_totp": Act(
        no_api=TWO_FACTOR,
        verb="two-factor switched on",
        elsewhere="tests/accounts/test_two_factor.py",
    ),
    "mfa_deactivate_totp": Act(
        no_api=TWO_FACTOR,
        verb="two-factor switched off",
        elsewhere="tests/accounts/test_two_factor.py",
    ),
    "mfa_generate_recovery_codes": Act(
        no_api=TWO_FACTOR,
        verb="recovery codes made",
        elsewhere="tests/accounts/test_two_factor.py",
    ),
    "accounts:set-up": Act(
        no_api=OUTSIDE,
        verb="person created",
        elsewhere="tests/accounts/test_commands.py",
    ),
    "accounts:sign-in-link": Act(no_api=SIGNING_IN, no_event=SIGNING_IN),
    "accounts:password-link": Act(
        no_api=OUTSIDE,
        verb="password set by link",
        elsewhere="tests/accounts/test_links.py",
    ),
    "accounts:invitation": Act(
        no_api=OUTSIDE,
        verb="member added",
        elsewhere="tests/accounts/test_invitations.py",
    ),
    # --- One's own account
    "accounts:settings": Act("PATCH api:me-settings", no_event=ONES_OWN),
    "accounts:mail-off": Act("PATCH api:me-settings", no_event=ONES_OWN),
    "accounts:language": Act("PATCH api:me-settings", no_event=ONES_OWN),
    "accounts:tokens": Act(
        no_api=NOT_BY_TOKEN,
        verb="token made",
        elsewhere="tests/accounts/test_tokens.py",
    ),
    "accounts:token-revocation": Act(
        no_api=NOT_BY_TOKEN,
        verb="token revoked",
        elsewhere="tests/accounts/test_tokens.py",
    ),
    "accounts:session-end": Act(
        "DELETE api:my-session",
        "session ended",
        elsewhere="tests/accounts/test_sessions.py",
    ),
    "accounts:other-sessions-end": Act(
        "DELETE api:my-sessions",
        "other sessions ended",
        elsewhere="tests/accounts/test_sessions.py",
    ),
    # --- Projects and people
    "accounts:project-new": Act(
        "POST api:projects",
        "project created",
        elsewhere="tests/accounts/test_projects.py",
    ),
    "accounts:project-settings": Act("PATCH api:project", "project renamed"),
    "accounts:members": Act("POST api:invitations", "invitation sent"),
    "accounts:member": Act("PATCH api:member", "member changed"),
    "accounts:member-removal": Act("DELETE api:member", "member removed"),
    "accounts:member-password-link": Act(
        "POST api:member-password-link", "password link made"
    ),
    "accounts:invitation-revocation": Act(
        "DELETE api:invitation", "invitation revoked"
    ),
    "accounts:invitation-renewal": Act(
        "POST api:invitation-renewal", "invitation sent"
    ),
    "accounts:groups": Act("POST api:groups", "group created"),
    "accounts:group": Act("PATCH api:group", "group changed"),
    "accounts:group-deletion": Act("DELETE api:group", "group deleted"),
    "annotation:leaving": Act("POST api:leaving", "member removed"),
    # --- Rubrics
    "rubrics:new": Act("POST api:rubrics", "rubric created"),
    "rubrics:import": Act("POST api:rubrics", "rubric created"),
    "rubrics:library-use": Act("POST api:rubrics", "rubric created"),
    "rubrics:import-over": Act("POST api:rubric-versions", "rubric drafted"),
    "rubrics:edit": Act("POST api:rubric-versions", "rubric drafted"),
    "rubrics:publication": Act(
        "POST api:rubric-version-publication", "rubric published"
    ),
    "rubrics:deletion": Act("DELETE api:rubric", "rubric deleted"),
    # The access table's draft is its rubric's only version, and goes with it.
    "rubrics:draft-deletion": Act("DELETE api:rubric-version", "rubric deleted"),
    "annotation:rubric-preview": Act(no_api=SHOWS, no_event=SHOWS),
    "annotation:batch-rubric-version": Act(
        "POST api:batch-rubric-version",
        "batch moved to another version",
        elsewhere="tests/annotation/test_rubric_moves.py",
    ),
    "annotation:batch-relabel": Act(
        "POST api:batch-relabel",
        "batch created",
        elsewhere="tests/annotation/test_stale.py",
    ),
    # --- Data
    "annotation:dataset-new": Act("POST api:datasets", "dataset created"),
    "annotation:dataset": Act("POST api:import", "outputs imported"),
    "annotation:dataset-deletion": Act("DELETE api:dataset", "dataset deleted"),
    "annotation:import-deletion": Act("DELETE api:import-one", "import deleted"),
    "annotation:leaks-decision": Act(
        "POST api:leaks-decision",
        "names masked",
        elsewhere="tests/annotation/test_leaks.py",
    ),
    "annotation:media": Act("POST api:media", "media stored"),
    "annotation:media-hosts": Act("PUT api:media-hosts", "media hosts set"),
    "annotation:media-attempts": Act(
        "POST api:media-attempts", no_event="The job that it starts is its record."
    ),
    # --- Batches
    "annotation:batch-new": Act("POST api:batches", "batch created"),
    "annotation:batch-new-preview": Act(no_api=SHOWS, no_event=SHOWS),
    "annotation:batch-settings": Act("PATCH api:batch", "batch changed"),
    "annotation:batch-settings-preview": Act(no_api=SHOWS, no_event=SHOWS),
    "annotation:guidelines": Act("PATCH api:batch", "batch changed"),
    "annotation:batch-open": Act("POST api:batch-open", "batch opened"),
    "annotation:batch-pause": Act("POST api:batch-pause", "batch paused"),
    "annotation:batch-close": Act("POST api:batch-close", "batch closed"),
    "annotation:batch-archive": Act("POST api:batch-archive", "batch archived"),
    "annotation:batch-deletion": Act("DELETE api:batch", "batch deleted"),
    "annotation:batch-release": Act("POST api:batch-release", "leases released"),
    "annotation:batch-reassign": Act("POST api:batch-reassign", "units reassigned"),
    "annotation:batch-share-out": Act("POST api:batch-share-out", "units shared out"),
    "annotation:unit-withdrawal": Act("POST api:unit-withdrawal", "unit withdrawn"),
    "annotation:unit-restoration": Act("DELETE api:unit-withdrawal", "unit restored"),
    "annotation:measurement": Act("GET api:agreement", no_event="It measures only."),
    "annotation:judgment-return": Act(
        "POST api:judgment-return",
        "judgment returned",
        elsewhere="tests/annotation/test_returns.py",
    ),
    "annotation:flag-answer": Act("POST api:flag-answer", "flag answered"),
    "annotation:skip-answer": Act("POST api:skip-answer", "skip answered"),
    # --- Before the work
    "annotation:training-set": Act("PATCH api:batch", "training changed"),
    "annotation:training-new": Act("PATCH api:batch", "training changed"),
    "annotation:training-item": Act("PUT api:training-item", "training changed"),
    "annotation:training-item-deletion": Act(
        "DELETE api:training-item", "training changed"
    ),
    "annotation:comments": Act("POST api:comments", no_event=RECORD),
    "annotation:admission": Act("POST api:admissions", "annotator let in"),
    "annotation:calibration-stage": Act("POST api:calibration", "calibration moved"),
    # --- The annotator's work
    "annotation:next": Act("POST api:next", no_event=RECORD),
    "annotation:training": Act("POST api:training", no_event=RECORD),
    "annotation:skip-return": Act("POST api:skip-return", no_event=RECORD),
    "annotation:assignment": Act("POST api:judgment", no_event=RECORD),
    "annotation:draft": Act("PUT api:draft", no_event=RECORD),
    "annotation:lease": Act("POST api:renew", no_event=RECORD),
    "annotation:following": Act("POST api:next", no_event=RECORD),
    "annotation:skip": Act("POST api:skip", no_event=RECORD),
    "annotation:flag": Act("POST api:assignment-flags", no_event=RECORD),
    "annotation:return-reply": Act("POST api:return-reply", "return replied to"),
    "annotation:welcome": Act(
        no_api="The guidelines are read on the screen, by a person.", no_event=RECORD
    ),
    "annotation:break": Act(no_api="A program takes no break.", no_event=RECORD),
    "annotation:flag-seen": Act(
        no_api="It takes a notice off one's own first page.", no_event=ONES_OWN
    ),
    # --- Gold
    "exports:new": Act("POST api:releases", "gold release requested"),
}
# Where the access table's call changes nothing, one that does.
CALLS = {
    "annotation:dataset": Row(
        "POST",
        "api:import",
        "401 404 200 200 403 403 403",
        lambda w: {"pk": w.dataset.pk},
        json=lambda w: ndjson(records(9)),
        content_type="application/x-ndjson",
    ),
    **{
        name: Row(
            "PATCH",
            "api:batch",
            "401 404 200 200 403 403 403",
            lambda w: {"pk": w.staged_draft.pk},
            json=lambda w: {"training": {"pass_mark": 0.5}},
        )
        for name in ("annotation:training-set", "annotation:training-new")
    },
    "annotation:unit-restoration": Row(
        "DELETE",
        "api:unit-withdrawal",
        "401 404 200 200 403 403 403",
        lambda w: {"pk": withdrawn(w).pk},
    ),
    "annotation:batch-share-out": Row(
        "POST",
        "api:batch-share-out",
        "401 404 200 200 403 403 403",
        lambda w: {"pk": short_of_people(w).pk},
    ),
}


def withdrawn(world: Any) -> Unit:
    unit: Unit = world.open_batch.units.order_by("place")[0]
    withdraw_unit(unit=unit, by=world.ada, reason="Broken.")
    return unit


def short_of_people(world: Any) -> Batch:
    """Shared out in advance; what Ben had waits for somebody."""
    batch: Batch = world.make_batch(
        world.dataset, world.rubric_version, strategy="fixed", overlap=1
    )
    reassign(batch=batch, from_=world.ben, to=None, by=world.ada)
    return batch


PROVED = [
    name for name, act in ACTS.items() if act.api and act.verb and not act.elsewhere
]
HERE = Path(__file__).parent


def addresses(
    resolver: URLResolver, namespace: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = (
                f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            )
            yield from addresses(pattern, inner)
        else:
            yield f"{namespace}{pattern.name}", pattern


def takes_post(name: str, view: Callable[..., Any]) -> bool:
    """Does this page's view let a POST in?

    One that does not say so lets in what the access table says: test_access.py sends
    it every method without a row there, and sees it refused.
    """
    if hasattr(view, "view_class"):
        return hasattr(view.view_class, "post")
    allowed: list[str] | None = None
    inner: Any = view
    while inner is not None:
        code = getattr(inner, "__code__", None)
        for variable, cell in zip(
            code.co_freevars if code else (),
            getattr(inner, "__closure__", None) or (),
            strict=True,
        ):
            # Of Django's require_http_methods.
            if variable == "request_method_list":
                allowed = list(cell.cell_contents)
        inner = getattr(inner, "__wrapped__", None)
    if allowed is None:
        methods = {row.method for row in access_rows() if row.name == name}
        return not methods or "POST" in methods
    return "POST" in allowed


def pages_that_act() -> set[str]:
    return {
        name
        for name, pattern in addresses(get_resolver())
        if not name.startswith("api:") and takes_post(name, pattern.callback)
    }


def api_calls() -> set[str]:
    return {
        f"{method.upper()} {name}"
        for name, pattern in addresses(get_resolver())
        if name.startswith("api:")
        for method in ("get", "post", "put", "patch", "delete")
        if hasattr(getattr(pattern.callback, "view_class", None), method)
    }


def access_rows() -> list[Row]:
    files = sorted(HERE.glob("*/access_rows.py"))
    return [
        row
        for file in files
        for row in importlib.import_module(f"tests.{file.parent.name}.access_rows").ROWS
    ]


def test_every_act_in_the_browser_is_listed() -> None:
    assert pages_that_act() - ACTS.keys() == set(), "name its API call and its verb"


def test_no_line_names_an_act_that_is_gone() -> None:
    assert ACTS.keys() - pages_that_act() == set()


def test_every_act_has_its_api_call_or_a_reason() -> None:
    assert [
        name for name, act in ACTS.items() if bool(act.api) == bool(act.no_api)
    ] == []
    assert {act.api for act in ACTS.values() if act.api} - api_calls() == set()


def test_every_act_has_its_audit_event_or_a_reason() -> None:
    without = [
        name for name, act in ACTS.items() if bool(act.verb) == bool(act.no_event)
    ]
    assert without == []
    assert {act.verb for act in ACTS.values() if act.verb} - set(VERBS) == set()


def test_what_is_proved_elsewhere_is_looked_for_there() -> None:
    for name, act in ACTS.items():
        if act.elsewhere:
            file = HERE.parent / act.elsewhere
            assert f'"{act.verb}"' in file.read_text(), f"{name}: {act.elsewhere}"


def test_the_list_sees_what_takes_a_post() -> None:
    """The test itself can fail: pages that only show are not acts, others are."""
    found = pages_that_act()
    assert "annotation:batch-open" in found
    assert "accounts:settings" in found
    assert "accounts:account" not in found
    assert "annotation:mine-all" not in found


@pytest.fixture
def world(request: pytest.FixtureRequest, project: Any) -> SimpleNamespace:
    """What the rows' addresses need: fixtures by name, made when first asked for."""

    class World(SimpleNamespace):
        def __getattr__(self, name: str) -> Any:
            return request.getfixturevalue(name)

    return World(project=project)


@pytest.mark.parametrize("name", PROVED)
def test_the_api_call_leaves_the_event(name: str, world: Any) -> None:
    method, _, route = ACTS[name].api.partition(" ")
    rows = [CALLS[name]] if name in CALLS else rows_of(method, route)
    assert rows, f"{method} {route} has no row in the access table"
    done = [(row, who) for row in rows if (who := who_succeeds(row))]
    assert done, f"nobody succeeds at {method} {route} in the access table"
    row, who = done[0]
    path = reverse(row.name, kwargs=row.kwargs(world)) + row.query
    made_before = set(AuditEvent.objects.values_list("pk", flat=True))

    response = send(row, getattr(world, who), path, world)

    assert response.status_code in row.expected(who), response.content[:300]
    events = AuditEvent.objects.exclude(pk__in=made_before)
    assert ACTS[name].verb in events.values_list("verb", flat=True)


def rows_of(method: str, route: str) -> list[Row]:
    return [row for row in access_rows() if (row.method, row.name) == (method, route)]


def who_succeeds(row: Row) -> str:
    """The manager where they may, else whoever may."""
    order = sorted(COLUMNS, key=lambda column: column != "ada")
    for column in order:
        if all(200 <= status < 300 for status in row.expected(column)):
            return column
    return ""


def send(row: Row, user: Any, path: str, world: Any) -> HttpResponse:
    client = Client()
    client.force_login(user)
    sent = row.json(world) if row.json else {}
    data = sent if isinstance(sent, (bytes, str)) else json.dumps(sent)
    return client.generic(
        row.method, path, data, content_type=row.content_type, headers=row.headers
    )
