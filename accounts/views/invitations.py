"""The page behind an invitation's link: who has it joins the project, once."""

from __future__ import annotations

from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.access import invitation_by_link
from accounts.actions.invitations import (
    AccountExists,
    InvitationIsOver,
    accept_as_newcomer,
    accept_invitation,
    may_open,
)
from accounts.forms.people import NewcomerForm
from accounts.models import Invitation, User
from accounts.permissions import Principal
from config.http import HtmxRequest, render_screen


@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "POST"])
def invitation(request: HtmxRequest, token: str) -> HttpResponse:
    invitation = invitation_by_link(token)
    try:
        if request.user.is_authenticated:
            return answer_as_member(request, invitation)
        return answer_as_newcomer(request, invitation)
    except InvitationIsOver:
        raise Http404 from None


def answer_as_member(request: HtmxRequest, invitation: Invitation) -> HttpResponse:
    """Signed in: one's own invitation takes one button, another's none."""
    user = Principal.of(request).user
    is_mine = user.email.lower() == invitation.email
    if request.method == "POST" and is_mine:
        accept_invitation(invitation=invitation, user=user)
        messages.success(
            request, _("You are now in %(project)s.") % {"project": invitation.project}
        )
        return redirect("/")
    context = {"invitation": invitation, "is_mine": is_mine}
    status = 422 if request.method == "POST" else 200
    return render_screen(request, "accounts/invitation.html", context, status)


def answer_as_newcomer(request: HtmxRequest, invitation: Invitation) -> HttpResponse:
    """Not signed in: make the account, or sign in first if there is one."""
    account = User.objects.filter(email=invitation.email).first()
    if account and not may_open(invitation, account):
        return ask_to_sign_in(request, invitation)

    posted = request.POST if request.method == "POST" else None
    name = account.name if account else ""
    form = NewcomerForm(posted, address=invitation.email, initial={"name": name})
    if form.is_valid():
        try:
            user = accept_as_newcomer(
                invitation=invitation,
                name=form.cleaned_data["name"],
                password=form.cleaned_data["password1"],
            )
        except AccountExists:
            return ask_to_sign_in(request, invitation)
        get_adapter(request).login(request, user)
        return redirect("/")

    context = {"invitation": invitation, "form": form}
    status = 422 if form.is_bound else 200
    return render_screen(request, "accounts/invitation.html", context, status)


def ask_to_sign_in(request: HtmxRequest, invitation: Invitation) -> HttpResponse:
    url = f"{reverse('account_login')}?{urlencode({'next': request.path})}"
    context = {"invitation": invitation, "sign_in_url": url}
    status = 422 if request.method == "POST" else 200
    return render_screen(request, "accounts/invitation.html", context, status)
