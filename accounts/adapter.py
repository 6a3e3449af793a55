"""How allauth behaves here: nobody signs up, and what people do is put on record."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import record_authentication
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from accounts.actions.sessions import end_sessions_of
from accounts.models import AuditEvent, User
from accounts.ways_in import SIGN_IN


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("E-mail address and password do not match."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_ajax(self, request: HttpRequest) -> bool:
        """The sign-in pages are pages, whatever a request says it accepts."""
        return False

    def is_safe_url(self, url: str | None) -> bool:
        """After signing in, people go on within the host they came to."""
        return url_has_allowed_host_and_scheme(
            url,
            allowed_hosts={self.request.get_host()},
            require_https=self.request.is_secure(),
        )

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("accounts:account")

    def format_email_subject(self, subject: str) -> str:
        return f"Touchstone: {subject}"

    @transaction.atomic
    def login(self, request: HttpRequest, user: User) -> None:
        """Whatever way led here asked for all that it has to ask.

        So for a few minutes nobody is asked again before they change a factor or make
        a token; and who lost their factors gets rid of them by the operator's link.
        """
        super().login(request, user)
        record_authentication(request, user, SIGN_IN, reauthenticated=True)
        AuditEvent.objects.record("person signed in", user, by=user)

    @transaction.atomic
    def set_password(self, user: User, password: str) -> None:
        super().set_password(user, password)
        is_own = self.request.user.pk == user.pk
        end_sessions_of(user, but=self.request.session.session_key if is_own else None)
        AuditEvent.objects.record("password changed", user, by=user)
