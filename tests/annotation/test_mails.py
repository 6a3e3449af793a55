"""Letters about work: given, due, returned; switched off; sent once, by a worker."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from celery.exceptions import MaxRetriesExceededError, Retry
from django.core import mail
from django.test import Client
from django.utils import timezone

import jobs.tasks  # noqa: F401  (registers its tasks in this process too)
from accounts.models import Membership, User
from annotation.actions.changing import change_batch, move_batch
from annotation.mail import remind_of_due_work, tell_members_of, tell_of_return
from annotation.models import Batch, BatchMember, Return
from annotation.tasks import write_letter
from tests.annotation.before_work import submit

GOOD = {"accuracy": {"A": 4}, "fluent": {"A": True}}
SITE = "https://touchstone.example.org"


@pytest.fixture
def post(
    settings: Any, monkeypatch: Any, django_capture_on_commit_callbacks: Any
) -> Callable[..., list[Any]]:
    """post(act, …): do it, let the workers run, return the letters sent meanwhile."""
    settings.EMAIL_URL = "smtp://mail.example.org"
    settings.TOUCHSTONE_URL = SITE

    def work(name: str, args: list[str]) -> None:
        current_app.tasks[name].apply(args=args, throw=True)

    def do(act: Callable[..., Any], *args: Any, **named: Any) -> list[Any]:
        before = len(mail.outbox)
        with django_capture_on_commit_callbacks(execute=True):
            act(*args, **named)
        return mail.outbox[before:]

    monkeypatch.setattr(current_app, "send_task", work)
    return do


def receivers(letters: list[Any]) -> list[str]:
    return sorted(address for letter in letters for address in letter.to)


def due_in(batch: Batch, **time: int) -> None:
    batch.due_at = timezone.now() + timedelta(**time)
    batch.save()


@pytest.fixture
def returned(open_batch: Batch, claim: Any, ben: User, ada: User) -> Return:
    mine = claim(ben, open_batch)
    submit(ben, mine, GOOD)
    return Return.objects.create(assignment=mine, text="Is it really fluent?", by=ada)


# --- Given ----------------------------------------------------------------------------


def test_annotators_are_told_when_their_batch_opens(
    draft_batch: Batch, ada: User, post: Any
) -> None:
    letters = post(move_batch, batch=draft_batch, to="open", by=ada)

    assert receivers(letters) == ["ben@example.org", "cleo@example.org"]
    letter = letters[0]
    assert letter.subject == f"Touchstone: {draft_batch.name}"
    assert f"{SITE}/batches/{draft_batch.pk}/welcome/" in letter.body
    assert letter.body == letter.body.strip() + "\n"
    assert "\n\n\n" not in letter.body


def test_opening_again_tells_nobody_twice(
    open_batch: Batch, ada: User, post: Any
) -> None:
    assert len(post(tell_members_of, open_batch.pk)) == 2
    move_batch(batch=open_batch, to="paused", by=ada)
    assert post(move_batch, batch=open_batch, to="open", by=ada) == []
    assert post(tell_members_of, open_batch.pk) == []


def test_who_is_added_to_an_open_batch_is_told_alone(
    open_batch: Batch,
    project: Any,
    ada: User,
    ben: User,
    cleo: User,
    dov: User,
    post: Any,
) -> None:
    Membership.objects.filter(user=dov).update(also_annotates=True)
    post(tell_members_of, open_batch.pk)
    named = [ben, cleo, dov]
    letters = post(change_batch, batch=open_batch, by=ada, annotators=named)
    assert receivers(letters) == ["dov@example.org"]


def test_who_is_taken_out_and_asked_again_is_told_again(
    open_batch: Batch, ada: User, ben: User, cleo: User, post: Any
) -> None:
    post(tell_members_of, open_batch.pk)
    assert post(change_batch, batch=open_batch, by=ada, annotators=[ben]) == []
    letters = post(change_batch, batch=open_batch, by=ada, annotators=[ben, cleo])
    assert receivers(letters) == ["cleo@example.org"]


def test_a_draft_and_an_installation_without_mail_tell_nobody(
    draft_batch: Batch, ada: User, ben: User, post: Any, settings: Any
) -> None:
    assert post(change_batch, batch=draft_batch, by=ada, annotators=[ben]) == []
    settings.EMAIL_URL = ""
    assert post(move_batch, batch=draft_batch, to="open", by=ada) == []
    assert not BatchMember.objects.exclude(told_assigned_at=None).exists()


def test_who_left_or_is_switched_off_is_not_told(
    draft_batch: Batch, ada: User, ben: User, cleo: User, post: Any
) -> None:
    Membership.objects.filter(user=ben).update(left_at=timezone.now())
    User.objects.filter(pk=cleo.pk).update(is_active=False)
    assert post(move_batch, batch=draft_batch, to="open", by=ada) == []


def test_letters_are_in_the_language_of_their_reader(
    draft_batch: Batch, ada: User, ben: User, post: Any, monkeypatch: Any
) -> None:
    seen: dict[str, str] = {}
    from django.utils import translation

    real = mail.EmailMessage.send

    def note(letter: Any, *args: Any) -> Any:
        seen[letter.to[0]] = translation.get_language()
        return real(letter, *args)

    monkeypatch.setattr(mail.EmailMessage, "send", note)
    User.objects.filter(pk=ben.pk).update(language="de")
    post(move_batch, batch=draft_batch, to="open", by=ada)
    assert seen == {"ben@example.org": "de", "cleo@example.org": "en"}


def test_without_an_address_of_ours_letters_carry_no_link(
    draft_batch: Batch, ada: User, post: Any, settings: Any
) -> None:
    settings.TOUCHSTONE_URL = ""
    letter = post(move_batch, batch=draft_batch, to="open", by=ada)[0]
    assert "http" not in letter.body
    assert "in your settings" in letter.body
    assert "List-Unsubscribe" not in letter.extra_headers


# --- Due ------------------------------------------------------------------------------


def test_a_day_before_it_is_due_who_has_work_left_is_reminded_once(
    open_batch: Batch, post: Any
) -> None:
    due_in(open_batch, hours=25)
    assert post(remind_of_due_work) == []
    due_in(open_batch, hours=23)
    letters = post(remind_of_due_work)
    assert receivers(letters) == ["ben@example.org", "cleo@example.org"]
    assert "12 items are left for you." in letters[0].body
    assert post(remind_of_due_work) == []


def test_who_is_done_is_not_reminded(
    open_batch: Batch, claim: Any, ben: User, post: Any
) -> None:
    while mine := claim(ben, open_batch):
        submit(ben, mine, GOOD)
    due_in(open_batch, hours=2)
    assert receivers(post(remind_of_due_work)) == ["cleo@example.org"]


def test_a_due_date_that_moves_is_reminded_of_anew(
    open_batch: Batch, post: Any
) -> None:
    due_in(open_batch, hours=2)
    assert len(post(remind_of_due_work)) == 2
    open_batch.members.update(told_due_at=timezone.now() - timedelta(days=3))
    assert len(post(remind_of_due_work)) == 2
    due_in(open_batch, hours=20)
    assert post(remind_of_due_work) == []


@pytest.mark.parametrize("state", ["paused", "closed"])
def test_nobody_is_reminded_of_what_is_not_open_or_over(
    open_batch: Batch, ada: User, post: Any, state: str
) -> None:
    due_in(open_batch, hours=-1)
    assert post(remind_of_due_work) == []
    due_in(open_batch, hours=1)
    move_batch(batch=open_batch, to=state, by=ada)
    assert post(remind_of_due_work) == []


def test_reminding_is_on_the_beat() -> None:
    tasks = {entry["task"] for entry in current_app.conf.beat_schedule.values()}
    assert "annotation.tasks.remind" in tasks
    assert tasks <= set(current_app.tasks)


# --- Returned -------------------------------------------------------------------------


def test_who_gets_a_judgment_back_is_told_why(returned: Return, post: Any) -> None:
    (letter,) = post(tell_of_return, returned)
    assert letter.to == ["ben@example.org"]
    assert "Is it really fluent?" in letter.body
    assert f"{SITE}/assignments/{returned.assignment_id}/mine/" in letter.body
    assert "Ada" not in letter.body
    assert "heron" not in letter.body


def test_a_return_that_was_settled_meanwhile_is_not_told(
    returned: Return, post: Any
) -> None:
    returned.settled_at = timezone.now()
    returned.save()
    assert post(tell_of_return, returned) == []


# --- Switched off ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["assigned", "due", "returned"])
def test_each_kind_is_switched_off_by_itself(
    open_batch: Batch, returned: Return, ben: User, post: Any, kind: str
) -> None:
    due_in(open_batch, hours=2)
    open_batch.members.exclude(user=ben).delete()
    User.objects.filter(pk=ben.pk).update(**{f"mail_{kind}": False})
    sent = {
        "assigned": len(post(tell_members_of, open_batch.pk)),
        "due": len(post(remind_of_due_work)),
        "returned": len(post(tell_of_return, returned)),
    }
    assert sent == {"assigned": 1, "due": 1, "returned": 1} | {kind: 0}


def test_the_link_in_a_letter_asks_first_and_then_ends_its_kind(
    returned: Return, ben: User, post: Any, client: Client
) -> None:
    (letter,) = post(tell_of_return, returned)
    path = re.search(rf"{SITE}(/mail/off/\S+)", letter.body)[1]  # type: ignore[index]

    page = client.get(path)
    assert page.status_code == 200
    ben.refresh_from_db()
    assert ben.mail_returned, "a scanner that opens links ends nothing"

    assert "have ended" in client.post(path).content.decode()
    ben.refresh_from_db()
    assert not ben.mail_returned
    assert ben.mail_assigned
    assert ben.mail_due


def test_a_mail_program_ends_letters_by_its_own_button(
    returned: Return, ben: User, post: Any
) -> None:
    (letter,) = post(tell_of_return, returned)
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = letter.extra_headers["List-Unsubscribe"].strip("<>")

    program = Client(enforce_csrf_checks=True)
    path = address.removeprefix(SITE)
    answer = program.post(path, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200, "no redirect, no form's token asked"
    ben.refresh_from_db()
    assert not ben.mail_returned


def test_a_link_that_was_changed_is_not_found(
    returned: Return, post: Any, client: Client
) -> None:
    (letter,) = post(tell_of_return, returned)
    path = re.search(rf"{SITE}(/mail/off/\S+)/", letter.body)[1]  # type: ignore[index]
    assert client.post(f"{path}x/").status_code == 404
    assert client.get("/mail/off/nothing/").status_code == 404


# --- Trouble --------------------------------------------------------------------------


def test_a_broker_that_is_away_stops_no_act(
    draft_batch: Batch,
    ada: User,
    settings: Any,
    monkeypatch: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:
    def away(*args: Any, **named: Any) -> None:
        raise ConnectionError

    settings.EMAIL_URL = "smtp://mail.example.org"
    monkeypatch.setattr(current_app, "send_task", away)
    with django_capture_on_commit_callbacks() as callbacks:
        move_batch(batch=draft_batch, to="open", by=ada)
    assert callbacks
    draft_batch.refresh_from_db()
    assert draft_batch.is_open


def test_a_letter_that_is_not_taken_is_tried_again_a_few_times(
    returned: Return, settings: Any, monkeypatch: Any
) -> None:
    settings.EMAIL_URL = "smtp://mail.example.org"

    def refuse(*args: Any, **named: Any) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(mail.EmailMessage, "send", refuse)
    task = write_letter
    args = ["returned", str(returned.pk)]
    monkeypatch.setattr(task, "apply_async", lambda *a, **n: None)
    waits = []
    for tries in range(task.max_retries):
        task.push_request(retries=tries, args=args, called_directly=False)
        with pytest.raises(Retry) as again:
            task.run(*args)
        waits.append(again.value.when)
    assert waits == [60, 180, 540, 1620]
    task.push_request(retries=task.max_retries, args=args, called_directly=False)
    with pytest.raises((ConnectionRefusedError, MaxRetriesExceededError)):
        task.run(*args)


def test_settings_have_a_switch_for_each_kind(
    signed_in: Any, api: Any, ben: User
) -> None:
    page = signed_in(ben).get("/settings/").content.decode()
    for kind in ("assigned", "due", "returned"):
        assert f'name="mail_{kind}"' in page
    response = api(ben).patch(
        "/api/v1/me/settings", {"mail_due": False}, content_type="application/json"
    )
    assert response.json()["mail_due"] is False
    ben.refresh_from_db()
    assert not ben.mail_due
    assert ben.mail_assigned
