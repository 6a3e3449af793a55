"""Projects, and who is a member of them as what."""

from __future__ import annotations

import secrets
import uuid
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from accounts.models.user import User


class Role(models.TextChoices):
    OWNER = "owner", _("Owner")
    MANAGER = "manager", _("Manager")
    ADJUDICATOR = "adjudicator", _("Adjudicator")
    ANNOTATOR = "annotator", _("Annotator")
    VIEWER = "viewer", _("Viewer")


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: User) -> Self:
        """Members see their projects; being a site admin is not a membership."""
        return self.filter(memberships__user_id=user.pk, memberships__left_at=None)


class Project(models.Model):
    """The workspace that people are members of; all work belongs to one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    note = models.TextField(
        blank=True, help_text="Shown to members on the project's first page."
    )
    media_hosts = models.JSONField(
        default=list,
        help_text="Hosts from which the owner lets media be fetched, such as a CDN.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )

    objects = ProjectQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


def new_pseudonym() -> str:
    """A name that says nothing: five letters that are hard to confuse."""
    return "P-" + "".join(secrets.choice("ABCDEFGHJKMNPQRSTVWXYZ") for _ in range(5))


class MembershipQuerySet(models.QuerySet["Membership"]):
    def current(self) -> Self:
        return self.filter(left_at=None)

    def judging(self) -> Self:
        """Annotators, and whoever judges besides their role's work."""
        return self.filter(Q(role=Role.ANNOTATOR) | Q(also_annotates=True))


class Membership(models.Model):
    """One person's role in one project; leaving keeps the row and the work."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="memberships"
    )
    role = models.CharField(max_length=20, choices=Role)
    also_annotates = models.BooleanField(
        default=False, help_text="May claim and judge units besides the role's work."
    )
    skills = models.JSONField(
        default=list, help_text="Words such as de or billing, for work by skill."
    )
    pseudonym = models.CharField(max_length=20, default=new_pseudonym, editable=False)
    joined_at = models.DateTimeField(auto_now_add=True)
    left_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "user"], name="one_membership_per_person_and_project"
            ),
            models.UniqueConstraint(
                fields=["project", "pseudonym"], name="one_pseudonym_per_project"
            ),
            models.CheckConstraint(
                condition=Q(role__in=Role.values), name="role_is_one_of_the_five"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} is {self.role} of {self.project_id}"

    @property
    def annotates(self) -> bool:
        return self.role == Role.ANNOTATOR or self.also_annotates
