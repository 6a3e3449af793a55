"""The second factor: how its secrets are kept, and who has to have one.

Programs are not asked for one: an API token is a secret of its own, narrowed by scopes.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING

from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.sessions import LONGEST, longest_for
from accounts.ways_in import SINGLE_SIGN_ON
from config.errors import is_api, problem

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

Handler = Callable[[HttpRequest], HttpResponse]

# Where somebody who still has to switch it on may go: there, to sign out, to say again
# who they are, and to another language.
OPEN = (
    "/account/two-factor/",
    "/account/password/",
    "/sign-in/",
    "/sign-out/",
    "/language/",
)


class MFAAdapter(DefaultMFAAdapter):
    """A copy of the database is no copy of the second factors."""

    def get_totp_issuer(self) -> str:
        return "Touchstone"

    def encrypt(self, text: str) -> str:
        return cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        from cryptography.fernet import InvalidToken

        try:
            return cipher().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            # The site's key was changed: no code fits any more, and none may fit by
            # chance, so the secret is a new one that nobody knows.
            from allauth.mfa.totp.internal.auth import generate_totp_secret

            return str(generate_totp_secret())

    def build_totp_svg(self, url: str) -> str:
        """Black on white, in the dark too: cameras do not read the inverse."""
        import qrcode
        from qrcode.image.svg import SvgPathFillImage

        image = BytesIO()
        qrcode.make(url, image_factory=SvgPathFillImage).save(image)
        return image.getvalue().decode()


def cipher() -> Fernet:
    # Imported when used, as all of its weight: no worker needs it.
    from cryptography.fernet import Fernet

    key = salted_hmac("accounts.two-factor", "", algorithm="sha256").digest()
    return Fernet(urlsafe_b64encode(key))


def has_two_factor(user: User) -> bool:
    return bool(is_mfa_enabled(user, [Authenticator.Type.TOTP]))


def must_switch_on(user: User, request: HttpRequest) -> bool:
    """Does this site require it of this person, who has none yet?

    Who came by single sign-on was asked for whatever the provider asks.
    """
    required = settings.TOUCHSTONE_REQUIRE_TWO_FACTOR
    if required == "none" or came_by_single_sign_on(user, request):
        return False
    # Who manages has the shorter sessions, and nobody else.
    is_meant = required == "everyone" or longest_for(str(user.pk)) < LONGEST
    return is_meant and not has_two_factor(user)


def came_by_single_sign_on(user: User, request: HttpRequest) -> bool:
    records = get_authentication_records(request, user)
    return any(record["method"] == SINGLE_SIGN_ON for record in records)


@receiver(user_logged_in)
def note_what_is_missing(request: HttpRequest, user: User, **_: object) -> None:
    """Asked once, at sign-in: nobody is taken away from an item they judge."""
    request.session.pop("must_switch_on_two_factor", None)
    if must_switch_on(user, request):
        request.session["must_switch_on_two_factor"] = True


class TwoFactorMiddleware:
    """Sends who has to switch it on there first."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_held = "must_switch_on_two_factor" in request.session
        if not is_held or request.path.startswith(OPEN):
            return self.get_response(request)
        if is_api(request):
            return problem(
                403,
                "Forbidden",
                _("Switch two-factor sign-in on first, in the browser."),
            )
        return redirect("mfa_index")
