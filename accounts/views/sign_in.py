"""Signing in and out and passwords: allauth's views, shown as our screens."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from allauth.account import views
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import reverse

from accounts.mail import mail_is_set_up
from config.http import render_screen


class Screen:
    """Render through the house's bases; a form that was refused is a 422."""

    http_method_names = ["get", "head", "post", "options"]
    request: Any
    template_name: str

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Refuse other methods before allauth redirects who is signed in."""
        if (request.method or "").lower() not in self.http_method_names:
            return HttpResponseNotAllowed(["GET", "POST"])
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]

    def render_to_response(self, context: dict[str, Any]) -> HttpResponse:
        form = context.get("form")
        refused = form is not None and form.is_bound and not form.is_valid()
        status = 422 if refused else 200
        if context.get("token_fail"):
            status = 404
        return render_screen(self.request, self.template_name, context, status)


class SignIn(Screen, views.LoginView):
    """By password, where this site takes passwords; the way to single sign-on."""

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        query = urlencode({"next": self.request.GET.get("next", "")})
        return {
            **super().get_context_data(**context),
            "single_sign_on": bool(settings.OIDC_ISSUER),
            "single_sign_on_url": f"{reverse('accounts:single-sign-on')}?{query}",
            "single_sign_on_name": settings.OIDC_NAME,
            "takes_passwords": not settings.OIDC_ONLY,
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if settings.OIDC_ONLY:
            context = self.get_context_data(form=None)
            return render_screen(self.request, self.template_name, context, 422)
        response: HttpResponse = super().post(request, *args, **kwargs)
        return response


class SignOut(Screen, views.LogoutView):
    """Signs out by POST; a GET only asks."""


class ChangePassword(Screen, views.PasswordChangeView):
    pass


class SetPassword(Screen, views.PasswordSetView):
    """For who came in by a link and has no password yet."""


class ResetPassword(Screen, views.PasswordResetView):
    """Asks for the address to mail a link to, where there is a mail server."""

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        return {**super().get_context_data(**context), "mail": mail_is_set_up()}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not mail_is_set_up():
            context = self.get_context_data(form=None)
            return render_screen(self.request, self.template_name, context, 422)
        response: HttpResponse = super().post(request, *args, **kwargs)
        return response


class ResetPasswordDone(Screen, views.PasswordResetDoneView):
    pass


class ResetPasswordFromKey(Screen, views.PasswordResetFromKeyView):
    pass


class ResetPasswordFromKeyDone(Screen, views.PasswordResetFromKeyDoneView):
    pass


class Inactive(Screen, views.AccountInactiveView):
    pass


def no_sign_up(request: HttpRequest) -> HttpResponse:
    """Allauth's letters and pages name this address; accounts come by invitation."""
    raise Http404
