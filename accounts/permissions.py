"""Who may do what: one table, one question.

A new right is one line in ROLES and one in SCOPES; `can` asks, and `allows` where the
membership is at hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, cast

from accounts.models import ApiToken, Membership, Project, Role, Scope

if TYPE_CHECKING:
    from django.http import HttpRequest

    from accounts.models import User


class Action(StrEnum):
    VIEW_PROJECT = "view the project"
    MANAGE_OWNERS = "manage its owners"
    MANAGE_MEMBERS = "manage its members"
    VIEW_AUDIT = "read the audit trail"
    IMPORT_DATA = "import and delete data"
    VIEW_DATA = "see items with their systems"
    VIEW_MEDIA = "see images, audio and video"
    ALLOW_HOSTS = "allow hosts to fetch media from"
    EDIT_RUBRICS = "edit rubrics"
    VIEW_RUBRICS = "read rubrics"
    MANAGE_BATCHES = "manage batches"
    VIEW_PROGRESS = "see progress and agreement"
    VIEW_JUDGMENTS = "see others' judgments"
    ANNOTATE = "judge units"
    RELEASE_GOLD = "release gold"
    EXPORT_GOLD = "export gold"
    EXPORT_IDENTITIES = "export annotators' identities"


OWNER, MANAGER, ADJUDICATOR, ANNOTATOR, VIEWER = Role
EVERYONE = frozenset(Role)
MANAGING = frozenset({OWNER, MANAGER})

ROLES: dict[Action, frozenset[Role]] = {
    Action.VIEW_PROJECT: EVERYONE,
    Action.MANAGE_OWNERS: frozenset({OWNER}),
    Action.MANAGE_MEMBERS: MANAGING,
    Action.VIEW_AUDIT: MANAGING,
    Action.IMPORT_DATA: MANAGING,
    Action.VIEW_DATA: MANAGING,
    Action.VIEW_MEDIA: MANAGING | {ADJUDICATOR, ANNOTATOR},  # and `also_annotates`
    Action.ALLOW_HOSTS: frozenset({OWNER}),
    Action.EDIT_RUBRICS: MANAGING,
    Action.VIEW_RUBRICS: EVERYONE,
    Action.MANAGE_BATCHES: MANAGING,
    Action.VIEW_PROGRESS: MANAGING | {ADJUDICATOR, VIEWER},
    Action.VIEW_JUDGMENTS: MANAGING,
    Action.ANNOTATE: frozenset({ANNOTATOR}),  # and whoever `also_annotates`
    Action.RELEASE_GOLD: MANAGING,
    Action.EXPORT_GOLD: MANAGING,
    Action.EXPORT_IDENTITIES: MANAGING,
}
SCOPES: dict[Action, Scope] = {
    Action.VIEW_PROJECT: Scope.READ,
    Action.MANAGE_OWNERS: Scope.ADMIN,
    Action.MANAGE_MEMBERS: Scope.ADMIN,
    Action.VIEW_AUDIT: Scope.ADMIN,
    Action.IMPORT_DATA: Scope.IMPORT,
    Action.VIEW_DATA: Scope.READ,
    Action.VIEW_MEDIA: Scope.READ,
    Action.ALLOW_HOSTS: Scope.ADMIN,
    Action.EDIT_RUBRICS: Scope.ADMIN,
    Action.VIEW_RUBRICS: Scope.READ,
    Action.MANAGE_BATCHES: Scope.ADMIN,
    Action.VIEW_PROGRESS: Scope.READ,
    Action.VIEW_JUDGMENTS: Scope.EXPORT,
    Action.ANNOTATE: Scope.ANNOTATE,
    Action.RELEASE_GOLD: Scope.EXPORT,
    Action.EXPORT_GOLD: Scope.EXPORT,
    Action.EXPORT_IDENTITIES: Scope.EXPORT_IDENTITIES,
}
RANK = {role: len(Role) - place for place, role in enumerate(Role)}


@dataclass(frozen=True)
class Principal:
    """Who asks: a person, perhaps through a token that narrows what they may do."""

    user: User
    token: ApiToken | None = None

    @classmethod
    def of(cls, request: HttpRequest) -> Principal:
        """The principal of a signed-in page request or an authenticated API call."""
        token = getattr(request, "auth", None)
        user = cast("User", request.user)  # Doors stand behind sign-in.
        return cls(user, token if isinstance(token, ApiToken) else None)

    def reaches(self, project_id: object) -> bool:
        """A token bound to a project does not know that others exist."""
        bound_to = self.token.project_id if self.token else None
        return bound_to is None or str(bound_to) == str(project_id)

    @property
    def is_site_admin(self) -> bool:
        """May make projects and accounts; a narrowed token does not carry this."""
        narrowed = self.token and (
            self.token.project_id or Scope.ADMIN not in self.token.scopes
        )
        return self.user.is_superuser and not narrowed


def can(principal: Principal, action: Action, project: Project) -> bool:
    """May this principal do this in this project, now?"""
    membership = membership_of(principal, project)
    return membership is not None and allows(principal, membership, action)


def allows(principal: Principal, membership: Membership, action: Action) -> bool:
    """The same question when the membership is at hand: no query."""
    token = principal.token
    if token and SCOPES[action] not in token.scopes:
        return False
    if action == Action.ANNOTATE:
        return membership.annotates
    if action == Action.VIEW_MEDIA and membership.annotates:
        return True
    return membership.role in ROLES[action]


def outranks(membership: Membership, role: str) -> bool:
    """Roles are given, changed and taken only below one's own; owners make owners."""
    if membership.role == Role.OWNER:
        return True
    return RANK[Role(membership.role)] > RANK[Role(role)]


def outranks_everywhere(manager: User, person: User) -> bool:
    """May the manager be trusted with this person's whole account?

    Only if they manage and outrank the person in every project in which the person
    is a member, and the person does not administer the site.
    """
    if manager.pk == person.pk or person.is_superuser or person.is_staff:
        return False
    managed = {
        membership.project_id: membership
        for membership in Membership.objects.current().filter(
            user=manager, role__in=MANAGING
        )
    }
    roles = Membership.objects.current().filter(user=person)
    return all(
        project_id in managed and outranks(managed[project_id], role)
        for project_id, role in roles.values_list("project_id", "role")
    )


def membership_of(principal: Principal, project: Project) -> Membership | None:
    if not principal.reaches(project.pk):
        return None
    members = Membership.objects.current().filter(project=project)
    return members.filter(user_id=principal.user.pk).first()
