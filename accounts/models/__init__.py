"""The nouns of accounts, one file each."""

from accounts.models.audit import AuditEvent
from accounts.models.group import Group
from accounts.models.idempotency import IdempotencyRecord
from accounts.models.invitation import Invitation
from accounts.models.project import Membership, Project, Role
from accounts.models.token import ApiToken, Scope
from accounts.models.user import User

__all__ = [
    "ApiToken",
    "AuditEvent",
    "Group",
    "IdempotencyRecord",
    "Invitation",
    "Membership",
    "Project",
    "Role",
    "Scope",
    "User",
]
