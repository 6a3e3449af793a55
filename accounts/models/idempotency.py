"""Answers kept so that a repeated request gets the same one."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models.token import ApiToken


class IdempotencyRecord(models.Model):
    """The answer once given to a key of one token or, in the browser, one person."""

    token = models.ForeignKey(ApiToken, models.CASCADE, null=True, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+"
    )
    key = models.CharField(max_length=200)
    body_sha256 = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["token", "key"],
                condition=Q(token__isnull=False),
                name="one_answer_per_token_and_key",
            ),
            models.UniqueConstraint(
                fields=["user", "key"],
                condition=Q(user__isnull=False),
                name="one_answer_per_user_and_key",
            ),
            models.CheckConstraint(
                condition=Q(token__isnull=True) ^ Q(user__isnull=True),
                name="an_answer_belongs_to_a_token_or_a_user",
            ),
        ]

    def __str__(self) -> str:
        return self.key
