"""Sign-in by an OpenID Connect provider that the operator names in the environment.

Allauth keeps state and PKCE and fetches the token; what it leaves open is closed here:
a nonce ties the answer to this browser, and the ID token's signature is checked.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from typing import Any

import jwt
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.socialaccount.adapter import get_adapter as get_social_adapter
from allauth.socialaccount.internal import statekit
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import (
    OpenIDConnectProvider,
)
from allauth.socialaccount.providers.openid_connect.views import (
    OpenIDConnectOAuth2Adapter,
)
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from requests import RequestException

from accounts.actions.single_sign_on import ProviderFailed, SignInIsOver, welcome
from accounts.ways_in import SINGLE_SIGN_ON

logger = logging.getLogger(__name__)

# Signed with a key that only the provider has: no shared secret, and never "none".
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
LEEWAY = 60  # Seconds by which its clock and ours may differ.


@dataclass(frozen=True)
class Claims:
    """What the provider vouches for."""

    email: str
    is_verified: bool
    name: str


class Provider(OpenIDConnectProvider):
    def get_oauth2_adapter(self, request: HttpRequest) -> Adapter:
        return Adapter(request)

    def get_pkce_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_pkce_params()
        return params | {"nonce": nonce_of(params["code_verifier"])}


class Adapter(OpenIDConnectOAuth2Adapter):
    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request, settings.OIDC_CLIENT_ID)

    def get_provider(self) -> Provider:
        return provider_of(self.request)

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        address = reverse("accounts:single-sign-on-answer")
        return request.build_absolute_uri(address)

    @property
    def openid_config(self) -> dict[str, Any]:
        config: dict[str, Any] = super().openid_config
        if config["issuer"].rstrip("/") != settings.OIDC_ISSUER:
            raise OAuth2Error("The provider names another issuer.")
        return config


def provider_of(request: HttpRequest) -> Provider:
    if not settings.OIDC_ISSUER:
        raise Http404
    app = SocialApp(
        provider=Provider.id,
        provider_id="sso",
        name=settings.OIDC_NAME,
        client_id=settings.OIDC_CLIENT_ID,
        secret=settings.OIDC_CLIENT_SECRET,
        settings={"server_url": settings.OIDC_ISSUER, "oauth_pkce_enabled": True},
    )
    return Provider(request, app=app)


def nonce_of(code_verifier: str) -> str:
    """Made from the secret that the session keeps anyway, and telling nothing of it."""
    return hashlib.sha256(f"nonce:{code_verifier}".encode()).hexdigest()


# --- There and back -------------------------------------------------------------------


def send_to_provider(request: HttpRequest, next_url: str | None) -> HttpResponse:
    provider = provider_of(request)
    try:
        response: HttpResponse = provider.redirect(
            request, AuthProcess.LOGIN, next_url=next_url
        )
    except (RequestException, OAuth2Error, KeyError, ValueError) as error:
        raise failed(error) from None
    return response


def sign_in_by_answer(request: HttpRequest) -> HttpResponse:
    """Sign in whom the provider vouches for; a second factor of ours is asked too."""
    provider = provider_of(request)
    state = statekit.unstash_state(
        request,
        state_id=request.GET.get("state", ""),
        provider_id=provider.sub_id,
    )
    if state is None:
        raise SignInIsOver
    try:
        claims = claims_from(request, state["pkce_code_verifier"])
    except (
        RequestException,
        OAuth2Error,
        jwt.PyJWTError,
        KeyError,
        ValueError,
    ) as error:
        raise failed(error) from None
    user = welcome(email=claims.email, is_verified=claims.is_verified, name=claims.name)
    if request.user.is_authenticated:
        get_adapter(request).logout(request)  # Its session is not the next person's.
    record_authentication(request, user, SINGLE_SIGN_ON)
    response: HttpResponse = perform_login(
        request, user, email_verification="none", redirect_url=state.get("next")
    )
    return response


def claims_from(request: HttpRequest, code_verifier: str) -> Claims:
    if "code" not in request.GET:
        raise OAuth2Error(request.GET.get("error", "no code")[:100])
    adapter = Adapter(request)
    app = adapter.get_provider().app
    client = adapter.get_client(request, app)
    token = client.get_access_token(
        request.GET["code"], pkce_code_verifier=code_verifier
    )
    said = checked(adapter, token["id_token"], nonce_of(code_verifier))
    if "email" not in said and "userinfo_endpoint" in adapter.openid_config:
        more = adapter._fetch_user_info(token["access_token"])
        if more["sub"] != said["sub"]:
            raise OAuth2Error("The provider speaks of two people.")
        said = more
    return Claims(
        email=str(said.get("email") or "").strip().lower(),
        # Some send the word: anything but a plain yes is a no.
        is_verified=said.get("email_verified") is True
        or said.get("email_verified") == "true",
        name=str(said.get("name") or "")[:150],
    )


def checked(adapter: Adapter, id_token: str, nonce: str) -> dict[str, Any]:
    """The ID token's claims: signed by the provider, for us, now, for this browser."""
    config = adapter.openid_config
    with get_social_adapter().get_requests_session() as http:
        answer = http.get(config["jwks_uri"])
        answer.raise_for_status()
    keys = jwt.PyJWKSet.from_dict(answer.json()).keys
    named = jwt.get_unverified_header(id_token).get("kid")
    fitting = [key for key in keys if named is None or key.key_id == named]
    if not fitting:
        raise OAuth2Error("The ID token names a key that the provider does not have.")
    claims: dict[str, Any] = jwt.decode(
        id_token,
        fitting[0],
        algorithms=ALGORITHMS,
        audience=settings.OIDC_CLIENT_ID,
        issuer=config["issuer"],
        leeway=LEEWAY,
        options={"require": ["exp", "iat", "iss", "aud", "sub", "nonce"]},
    )
    if claims["nonce"] != nonce:
        raise OAuth2Error("The ID token was made for another sign-in.")
    return claims


def failed(error: Exception) -> ProviderFailed:
    """What went wrong is for the operator's log; the person is told what to do."""
    logger.warning("Single sign-on failed: %s: %s", type(error).__name__, error)
    return ProviderFailed()
