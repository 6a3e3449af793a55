"""The page behind the link in each letter that ends its kind; no sign-in needed."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.actions.people import change_settings
from accounts.mail_switches import SWITCHES, UnknownLink, read_switch_link, wants
from config.http import HtmxRequest, render_screen


# A mail program posts here by itself (RFC 8058): it has no cookie and no form's token,
# and follows no redirect. The signed link is the proof.
@csrf_exempt
@require_http_methods(["GET", "POST"])
def mail_off(request: HtmxRequest, token: str) -> HttpResponse:
    """GET asks, since mail scanners open links too; POST ends the letters."""
    try:
        user, kind = read_switch_link(token)
    except UnknownLink:
        raise Http404 from None
    switch = SWITCHES[kind]
    if request.method == "POST":
        change_settings(user=user, **{switch.field: False})
    context = {"person": user, "switch": switch, "is_on": wants(user, kind)}
    return render_screen(request, "accounts/mail_off.html", context)
