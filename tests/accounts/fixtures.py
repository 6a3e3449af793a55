"""People and links for the tests of accounts and for the access table."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client

from accounts.actions.groups import make_group
from accounts.actions.invitations import invite
from accounts.links import PasswordTokens, SignInTokens
from accounts.models import ApiToken, Group, Invitation, Membership, Project, Role, User


@pytest.fixture
def sam(db: None) -> User:
    """Administers the site; is a member of nothing."""
    return User.objects.create_superuser("sam@example.org", "a site admin's password")


@pytest.fixture
def elsewhere(eve: User) -> Project:
    """Another project, which Eve owns."""
    project = Project.objects.create(name="Elsewhere", created_by=eve)
    Membership.objects.create(project=project, user=eve, role=Role.OWNER)
    return project


@pytest.fixture
def join() -> Callable[..., Membership]:
    """join(elsewhere, ben, "annotator"): a membership, without asking anybody."""

    def make(project: Project, user: User, role: str, **more: object) -> Membership:
        return Membership.objects.create(project=project, user=user, role=role, **more)

    return make


@pytest.fixture
def accounts_invited(project: Project, ada: User) -> tuple[Invitation, str]:
    """Nina, who has no account, is invited to annotate."""
    return invite(
        project=project, email="nina@example.org", role=Role.ANNOTATOR, by=ada
    )


@pytest.fixture
def accounts_bens_token(project: Project, ben: User) -> ApiToken:
    token, _ = ApiToken.issue(user=ben, made_by=ben, name="a script")
    return token


@pytest.fixture
def accounts_sign_in(ben: User) -> dict[str, object]:
    return {"user_id": ben.pk, "token": SignInTokens().make_token(ben)}


@pytest.fixture
def accounts_password_link(ben: User, ada: User, project: Project) -> dict[str, object]:
    maker = str(ada.pk)
    token = PasswordTokens(maker).make_token(ben)
    return {"user_id": ben.pk, "maker": maker, "token": token}


@pytest.fixture
def just_signed_in() -> Callable[..., Client]:
    """just_signed_in(ben): who typed their password a moment ago, and is not asked."""

    def make(user: User, **headers: str) -> Client:
        client = Client(headers=headers)
        sent = {"login": user.email, "password": "correct horse battery staple"}
        assert client.post("/sign-in/", sent).status_code == 302
        return client

    return make


@pytest.fixture
def accounts_bens_session(ben: User) -> UserSession:
    client = Client()
    client.force_login(ben)
    return UserSession.objects.get(session_key=client.session.session_key)


@pytest.fixture
def accounts_group(project: Project, ada: User, ben: User) -> Group:
    """Ben is in the group of those who know billing."""
    members = Membership.objects.filter(project=project, user=ben)
    return make_group(project=project, name="Billing", members=list(members), by=ada)
