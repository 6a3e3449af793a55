"""The cast and the small world that every test may use."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.db.backends.base.operations import BaseDatabaseOperations
from django.test import Client

from accounts.models import ApiToken, Membership, Project, Role, User
from config.deadlock import tried_again
from tests.door import Door

# Playwright runs an event loop in the test's thread; Django would refuse the ORM there.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

pytest_plugins = [
    f"tests.{app}.fixtures"
    for app in ["accounts", "jobs", "rubrics", "annotation", "exports"]
]

PASSWORD = "correct horse battery staple"


def person(email: str, **fields: object) -> User:
    return User.objects.create_user(f"{email}@example.org", PASSWORD, **fields)


@pytest.fixture
def ada(db: None) -> User:
    """Manages the project."""
    return person("ada", name="Ada")


@pytest.fixture
def ben(db: None) -> User:
    """Annotates, blind to Cleo."""
    return person("ben", name="Ben")


@pytest.fixture
def cleo(db: None) -> User:
    """Annotates, blind to Ben."""
    return person("cleo", name="Cleo")


@pytest.fixture
def dov(db: None) -> User:
    """Adjudicates."""
    return person("dov", name="Dov")


@pytest.fixture
def olga(db: None) -> User:
    """Owns the project."""
    return person("olga", name="Olga")


@pytest.fixture
def vic(db: None) -> User:
    """Views aggregates only."""
    return person("vic", name="Vic")


@pytest.fixture
def eve(db: None) -> User:
    """Has an account and no membership here."""
    return person("eve", name="Eve")


@pytest.fixture
def project(
    olga: User, ada: User, ben: User, cleo: User, dov: User, vic: User
) -> Project:
    project = Project.objects.create(name="Support answers", created_by=olga)
    for user, role in [
        (olga, Role.OWNER),
        (ada, Role.MANAGER),
        (ben, Role.ANNOTATOR),
        (cleo, Role.ANNOTATOR),
        (dov, Role.ADJUDICATOR),
        (vic, Role.VIEWER),
    ]:
        Membership.objects.create(project=project, user=user, role=role)
    return project


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    """signed_in(ada).get(...): a browser in which she is signed in."""

    def make(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return make


@pytest.fixture
def api() -> Callable[..., Client]:
    """api(ada).post(...): a program with a token of hers; scopes may be narrowed."""

    def make(user: User, **token: object) -> Client:
        _, secret = ApiToken.issue(user=user, made_by=user, **token)
        return Client(headers={"Authorization": f"Bearer {secret}"})

    return make


@pytest.fixture(scope="session")
def door() -> Door:
    return Door()


@pytest.fixture
def site(live_server: object, door: Door) -> Iterator[str]:
    """The address of a running server, quiet again before the tables are emptied."""
    door.open()
    yield str(live_server)
    door.shut()


@pytest.fixture(autouse=True, scope="session")
def _emptying_is_tried_again() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        flush = tried_again(BaseDatabaseOperations.execute_sql_flush)
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", flush)
        yield


@pytest.fixture(autouse=True)
def _nobody_left_at_work(
    request: pytest.FixtureRequest, _django_db_helper: None
) -> Iterator[None]:
    """Cut off whoever still works for a test that is over, before tables are emptied.

    The worker process may be at a job that no test waits for; its transaction and
    TRUNCATE would each wait for the other, and PostgreSQL would end one of them.
    """
    yield
    marker = request.node.get_closest_marker("django_db")
    commits = (marker and marker.kwargs.get("transaction")) or {
        "transactional_db",
        "live_server",
    }.intersection(request.fixturenames)
    if commits and connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid() "
                "AND state <> 'idle'"
            )


@pytest.fixture(autouse=True)
def _fresh_cache() -> None:
    """Rate limits of one test are not another's."""
    from django.core.cache import cache

    cache.clear()


@pytest.fixture(autouse=True)
def _prompt_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine makes small counts slow; they are not put off for that."""
    monkeypatch.setattr("annotation.watching.remembered.COSTLY", 60.0)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--storm-units",
        type=int,
        default=0,
        help="Units in the storm of claims; 5,000 for the long run.",
    )
    parser.addoption(
        "--pictures",
        action="store_true",
        help="Draw every screen anew into docs/pictures/ (tests/browser/pictures.py).",
    )
