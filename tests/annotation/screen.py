"""What tests of the annotator's screens share: answers, page texts, a unit judged."""

from __future__ import annotations

from typing import Any

from django.test import Client

from accounts.models import User
from annotation.models import Assignment, Batch

GOOD = {"answer-accuracy-A": "4", "answer-fluent-A": "true"}


def text(response: Any) -> str:
    return str(response.content.decode())


def judged(
    client: Client, claim: Any, user: User, batch: Batch, **more: str
) -> Assignment:
    """The person's next unit of the batch, submitted on the screen."""
    mine: Assignment = claim(user, batch)
    assert client.post(mine.get_absolute_url(), GOOD | more).status_code == 302
    return mine
