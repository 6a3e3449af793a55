"""One's own account: projects, settings, API tokens."""

from __future__ import annotations

from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language_from_request, override
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from accounts.access import own_token
from accounts.actions.people import change_settings
from accounts.actions.tokens import make_token, revoke_token
from accounts.forms.settings import SettingsForm
from accounts.forms.tokens import TokenForm
from accounts.models import Membership
from accounts.permissions import MANAGING, Principal
from config.http import HtmxRequest, render_screen


@login_required
@require_safe
def account(request: HtmxRequest) -> HttpResponse:
    memberships = Membership.objects.current().filter(user=Principal.of(request).user)
    context = {
        "memberships": memberships.select_related("project").order_by("project__name"),
        "managing": MANAGING,
    }
    return render_screen(request, "accounts/account.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def settings(request: HtmxRequest) -> HttpResponse:
    """Name, language, looks and keys; what is saved is said in the new language."""
    user = Principal.of(request).user
    posted = request.POST if request.method == "POST" else None
    form = SettingsForm(posted, user=user)
    if form.is_valid():
        change_settings(user=user, **form.cleaned_data)
        with override(user.language or get_language_from_request(request)):
            messages.success(request, _("Your settings are saved."))
        return redirect("accounts:settings")

    status = 422 if form.is_bound else 200
    return render_screen(request, "accounts/settings.html", {"form": form}, status)


@login_required
@require_http_methods(["GET", "POST"])
@reauthentication_required(allow_get=True)  # type: ignore[untyped-decorator]
def tokens(request: HtmxRequest) -> HttpResponse:
    """One's tokens; the answer to a POST shows the new one's secret, once.

    A token outlives the session that made it: who makes one says again who they are.
    """
    user = Principal.of(request).user
    form = TokenForm(request.POST if request.method == "POST" else None, user=user)
    status, secret = 200, ""
    if form.is_valid():
        _made, secret = make_token(user=user, by=user, **form.cleaned_data)
        form = TokenForm(user=user)
    elif form.is_bound:
        status = 422

    rows = user.tokens.select_related("project", "made_by").order_by("-created_at")
    context = {"form": form, "secret": secret, "tokens": rows}
    return render_screen(request, "accounts/tokens.html", context, status)


@login_required
@require_POST
def token_revocation(request: HtmxRequest, token_id: UUID) -> HttpResponse:
    principal = Principal.of(request)
    token = own_token(principal, token_id)
    revoke_token(token=token, by=principal.user)
    messages.success(
        request, _("The token %(token)s no longer works.") % {"token": token}
    )
    return redirect("accounts:tokens")
