"""Addresses of the second factor, under the names that allauth reverses."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path


def later(name: str) -> Callable[..., HttpResponse]:
    """The view of this name, imported when somebody first asks for it.

    With it come cryptography and more: 15 MB that a worker never needs.
    """

    def view(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        from accounts.views import two_factor

        response: HttpResponse = getattr(two_factor, name).as_view()(request, **kwargs)
        return response

    return view


urlpatterns = [
    path("sign-in/code/", later("Code"), name="mfa_authenticate"),
    path(
        "sign-in/again/",
        later("SayPasswordAgain"),
        name="account_reauthenticate",
    ),
    path(
        "sign-in/again/code/",
        later("SayCodeAgain"),
        name="mfa_reauthenticate",
    ),
    path("account/two-factor/", later("TwoFactor"), name="mfa_index"),
    path(
        "account/two-factor/on/",
        later("SwitchOn"),
        name="mfa_activate_totp",
    ),
    path(
        "account/two-factor/off/",
        later("SwitchOff"),
        name="mfa_deactivate_totp",
    ),
    path(
        "account/two-factor/codes/",
        later("RecoveryCodes"),
        name="mfa_view_recovery_codes",
    ),
    path(
        "account/two-factor/codes/new/",
        later("MakeRecoveryCodes"),
        name="mfa_generate_recovery_codes",
    ),
]
