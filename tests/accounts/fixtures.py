"""People and links for the tests of accounts and for the access table."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts.actions.invitations import invite
from accounts.links import PasswordTokens, SignInTokens
from accounts.models import ApiToken, Invitation, Membership, Project, Role, User


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
