"""A person, known by e-mail address."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.contrib.auth.models import (
    AbstractBaseUser,
    BaseUserManager,
    PermissionsMixin,
)
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    def create_user(
        self, email: str, password: str | None = None, **fields: Any
    ) -> User:
        """Create a person; without a password the account cannot sign in by one."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(
        self, email: str, password: str | None = None, **fields: Any
    ) -> User:
        return self.create_user(
            email, password, is_staff=True, is_superuser=True, **fields
        )

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class Theme(models.TextChoices):
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class Density(models.TextChoices):
    COMPACT = "compact", _("Compact")


class User(AbstractBaseUser, PermissionsMixin):
    """A person. Being one gives no access: memberships do."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField("e-mail address", max_length=254, unique=True)
    name = models.CharField(max_length=150, blank=True)
    language = models.CharField(
        max_length=10, blank=True, help_text="Blank: what the browser asks for."
    )
    theme = models.CharField(max_length=10, choices=Theme, blank=True)
    density = models.CharField(max_length=10, choices=Density, blank=True)
    single_keys = models.BooleanField(
        default=True, help_text="Letters and digits are commands outside text fields."
    )
    break_minutes = models.PositiveSmallIntegerField(
        default=50, help_text="Suggest a break after so much work; 0: never."
    )
    mail_assigned = models.BooleanField(
        default=True, help_text="Tell me by mail when work is given to me."
    )
    mail_due = models.BooleanField(
        default=True, help_text="Remind me by mail a day before my work is due."
    )
    mail_returned = models.BooleanField(
        default=True, help_text="Tell me by mail when a judgment comes back to me."
    )
    is_active = models.BooleanField(
        default=True,
        help_text="Off: the account exists, its work is kept, it cannot sign in.",
    )
    is_staff = models.BooleanField("site admin", default=False)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="one_account_per_email")
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_unopened(self) -> bool:
        """Made by an import, a command or a manager; nobody has signed in to it yet."""
        return self.last_login is None and not self.has_usable_password()
