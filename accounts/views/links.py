"""The pages behind one-time links: GET shows a form, only POST uses the link up."""

from __future__ import annotations

from uuid import UUID

from allauth.account.adapter import get_adapter
from allauth.account.forms import ResetPasswordKeyForm
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.actions.people import SetUpIsOver, set_up
from accounts.forms.people import SetUpForm
from accounts.links import (
    LinkIsOver,
    may_set_up,
    person_to_get_a_password,
    person_to_sign_in,
    set_password_by_link,
    sign_in_once,
)
from config.http import HtmxRequest, render_screen


@require_http_methods(["GET", "POST"])
def sign_in_link(request: HtmxRequest, user_id: UUID, token: str) -> HttpResponse:
    try:
        if request.method == "POST":
            sign_in_once(request, user_id, token)
            return redirect("/")
        person = person_to_sign_in(user_id, token)
    except LinkIsOver:
        return link_is_over(request)
    return render_screen(request, "accounts/sign_in_link.html", {"person": person})


@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "POST"])
def password_link(
    request: HtmxRequest, user_id: UUID, maker: str, token: str
) -> HttpResponse:
    """The page of the mailed reset link, reached by one that a manager handed over."""
    posted = request.POST if request.method == "POST" else None
    try:
        person = person_to_get_a_password(user_id, maker, token)
        form = ResetPasswordKeyForm(posted, user=person)
        if form.is_valid():
            set_password_by_link(
                user_id=user_id,
                maker=maker,
                token=token,
                password=form.cleaned_data["password1"],
            )
            return redirect("account_reset_password_from_key_done")
    except LinkIsOver:
        return link_is_over(request)

    context = {"form": form, "person": person, "action_url": request.path}
    status = 422 if form.is_bound else 200
    template = "account/password_reset_from_key.html"
    return render_screen(request, template, context, status)


@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "POST"])
def set_up_site(request: HtmxRequest, token: str) -> HttpResponse:
    if not may_set_up(token):
        return link_is_over(request)
    form = SetUpForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            user, _ = set_up(
                email=form.cleaned_data["email"],
                name=form.cleaned_data["name"],
                password=form.cleaned_data["password1"],
                project_name=form.cleaned_data["project_name"],
            )
        except SetUpIsOver:
            return link_is_over(request)
        get_adapter(request).login(request, user)
        return redirect("/")

    status = 422 if form.is_bound else 200
    return render_screen(request, "accounts/set_up.html", {"form": form}, status)


def link_is_over(request: HtmxRequest) -> HttpResponse:
    return render_screen(request, "accounts/link_over.html", {}, 404)
