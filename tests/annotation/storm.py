"""Many annotators at once, as threads with connections of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection, connections

from accounts.models import Membership, Role, User
from accounts.permissions import Principal
from annotation.access import assignment_for
from annotation.actions.claiming import take_next
from annotation.actions.judging import output_ids, submit_judgment
from annotation.answers.reading import read_answers
from annotation.models import Batch
from rubrics.instrument import published_instrument


def annotators(project: Any, count: int) -> list[User]:
    users = [User(email=f"storm{n}@example.org", password="!") for n in range(count)]
    User.objects.bulk_create(users)
    Membership.objects.bulk_create(
        Membership(project=project, user=user, role=Role.ANNOTATOR) for user in users
    )
    return users


def at_once(work: Callable[[int], Any], count: int) -> list[Any]:
    """Run work(0), work(1) … in threads that start together; raise their faults."""
    barrier = threading.Barrier(count)
    results: list[Any] = [None] * count
    faults: list[BaseException] = []

    def run(number: int) -> None:
        try:
            barrier.wait()
            results[number] = work(number)
        except BaseException as fault:
            faults.append(fault)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return results


def judge_until_nothing_is_left(batch: Batch, user: User, answers: Any) -> int:
    """Claim and submit as this annotator until the batch has nothing for them."""
    principal = Principal(user)
    done = 0
    while (mine := take_next(batch_id=batch.pk, principal=principal)) is not None:
        assignment = assignment_for(principal, mine.pk)
        submit_judgment(
            assignment=assignment,
            answers=read_answers(
                published_instrument(batch.rubric_version_id),
                answers,
                side_order=assignment.side_order,
            ),
            outputs=output_ids(assignment),
        )
        done += 1
    return done


def is_postgresql() -> bool:
    return connection.vendor == "postgresql"
