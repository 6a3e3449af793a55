"""API tokens: shown once, kept as a digest, never wider than their owner's role."""

from __future__ import annotations

import hashlib
import secrets
import uuid
import zlib
from datetime import timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models.project import Project

if TYPE_CHECKING:
    from accounts.models.user import User

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
MARK = "tst_"
PREFIX_LENGTH = len(MARK) + 8
DEFAULT_LIFETIME = timedelta(days=90)


class Scope(models.TextChoices):
    READ = "read"
    IMPORT = "import"
    ANNOTATE = "annotate"
    EXPORT = "export"
    EXPORT_IDENTITIES = "export:identities"
    ADMIN = "admin"


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def usable(self) -> Self:
        now = timezone.now()
        return self.filter(
            Q(expires_at=None) | Q(expires_at__gt=now),
            revoked_at=None,
            user__is_active=True,
        )

    def matching(self, secret: str) -> ApiToken | None:
        """The usable token with this secret, if its checksum and digest are right."""
        if not is_well_formed(secret):
            return None
        tokens = self.usable().filter(
            prefix=secret[:PREFIX_LENGTH], digest=digest_of(secret)
        )
        return tokens.select_related("user").first()


class ApiToken(models.Model):
    """A key for programs. Its right is its scopes within its owner's present role."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="tokens"
    )
    project = models.ForeignKey(
        Project,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="tokens",
        help_text="Empty: it reaches all of its user's projects.",
    )
    name = models.CharField(max_length=100, blank=True)
    prefix = models.CharField(max_length=20, unique=True, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(default=list)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    objects = ApiTokenQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.prefix}…"

    @property
    def is_usable(self) -> bool:
        expired = self.expires_at is not None and self.expires_at <= timezone.now()
        return self.revoked_at is None and not expired

    @classmethod
    def issue(
        cls,
        *,
        user: User,
        made_by: User,
        project: Project | None = None,
        scopes: list[str] | None = None,
        name: str = "",
        lifetime: timedelta | None = DEFAULT_LIFETIME,
    ) -> tuple[ApiToken, str]:
        """Make a token; the secret is returned here and nowhere else."""
        secret = new_secret()
        token = cls.objects.create(
            user=user,
            made_by=made_by,
            project=project,
            name=name,
            prefix=secret[:PREFIX_LENGTH],
            digest=digest_of(secret),
            scopes=list(Scope.values) if scopes is None else scopes,
            expires_at=None if lifetime is None else timezone.now() + lifetime,
        )
        return token, secret


def new_secret() -> str:
    body = "".join(secrets.choice(BASE62) for _ in range(43))  # 256 bits
    return f"{MARK}{body}{checksum(body)}"


def is_well_formed(secret: str) -> bool:
    """Spot a mistyped or foreign key without asking the database."""
    body, check = secret[len(MARK) : -6], secret[-6:]
    return secret.startswith(MARK) and len(body) == 43 and checksum(body) == check


def checksum(body: str) -> str:
    number = zlib.crc32(body.encode())
    digits = []
    for _ in range(6):
        number, digit = divmod(number, 62)
        digits.append(BASE62[digit])
    return "".join(digits)


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
