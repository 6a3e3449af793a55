"""Two-factor sign-in: allauth's views, shown as our screens, put on record."""

from __future__ import annotations

from typing import Any

from allauth.account.views import ReauthenticateView
from allauth.mfa.base import views
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator

from accounts.models import AuditEvent, User
from accounts.permissions import Principal
from accounts.views.sign_in import Screen

SHOWS = ["get", "head", "options"]


class Code(Screen, views.AuthenticateView):
    """Asked after the password: a code of the app, or a recovery code."""


class SayPasswordAgain(Screen, ReauthenticateView):
    """Before what would let somebody else in for good."""


class SayCodeAgain(Screen, views.ReauthenticateView):
    """The same, for who has no password at hand."""


class TwoFactor(Screen, views.IndexView):
    """Is it on, and how many recovery codes are left?"""

    http_method_names = SHOWS

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        context = super().get_context_data(**context)
        kept = context["authenticators"].get("recovery_codes")
        return {
            **context,
            "is_on": "totp" in context["authenticators"],
            "is_required": "must_switch_on_two_factor" in self.request.session,
            "codes_left": len(kept.get_unused_codes()) if kept else 0,
        }


class SwitchOn(Screen, totp.ActivateTOTPView):
    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        user = Principal.of(self.request).user
        use_first_code(self.request, user, form.cleaned_data["code"])
        self.request.session.pop("must_switch_on_two_factor", None)
        AuditEvent.objects.record("two-factor switched on", user, by=user)
        if self.did_generate_recovery_codes:
            AuditEvent.objects.record("recovery codes made", user, by=user)
        return response


def use_first_code(request: HttpRequest, user: User, code: str) -> None:
    """The code that switched it on says who one is, and is taken no second time."""
    factor = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP)
    TOTP(factor).validate_code(code)
    post_authentication(request, factor, reauthenticated=True)


class SwitchOff(Screen, totp.DeactivateTOTPView):
    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        user = Principal.of(self.request).user
        AuditEvent.objects.record("two-factor switched off", user, by=user)
        return response


class RecoveryCodes(Screen, codes.ViewRecoveryCodesView):
    http_method_names = SHOWS


@method_decorator(login_required, name="dispatch")
class MakeRecoveryCodes(Screen, codes.GenerateRecoveryCodesView):
    """New ones; the old ones end."""

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        user = Principal.of(self.request).user
        AuditEvent.objects.record("recovery codes made", user, by=user)
        return response
