"""The audit trail: who did what to what, written with the change itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models

from accounts.models.project import Project

if TYPE_CHECKING:
    from accounts.models.user import User


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    def record(
        self,
        verb: str,
        subject: models.Model,
        *,
        by: User | None,
        project: Project | None = None,
        **data: Any,
    ) -> AuditEvent:
        """Append an event; call it inside the transaction of the change.

        `verb` is a past participle with its noun ("batch opened").
        """
        return self.create(
            actor=by,
            verb=verb,
            project=project,
            subject_type=subject._meta.label_lower,
            subject_id=str(subject.pk),
            data=data,
        )


class AuditEvent(models.Model):
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    project = models.ForeignKey(
        Project, models.CASCADE, null=True, related_name="audit_events"
    )
    verb = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=64)
    at = models.DateTimeField(auto_now_add=True)
    data = models.JSONField(default=dict)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["project", "-at"], name="audit_by_project")]

    def __str__(self) -> str:
        return f"{self.verb} ({self.subject_type} {self.subject_id})"
