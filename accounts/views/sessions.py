"""Where one is signed in, and signing out there."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import own_session
from accounts.actions.sessions import end_other_sessions, end_session
from accounts.permissions import Principal
from accounts.sessions import own_sessions
from config.http import HtmxRequest, render_screen


@login_required
@require_safe
def sessions(request: HtmxRequest) -> HttpResponse:
    user = Principal.of(request).user
    rows = own_sessions(user, request.session.session_key)
    return render_screen(request, "accounts/sessions.html", {"sessions": rows})


@login_required
@require_POST
def session_end(request: HtmxRequest, session_id: int) -> HttpResponse:
    principal = Principal.of(request)
    session = own_session(principal, session_id)
    is_this_one = session.session_key == request.session.session_key
    end_session(session=session, by=principal.user)
    if is_this_one:
        logout(request)
        return redirect("account_login")
    messages.success(request, _("That device is signed out."))
    return redirect("accounts:sessions")


@login_required
@require_POST
def other_sessions_end(request: HtmxRequest) -> HttpResponse:
    user = Principal.of(request).user
    number = end_other_sessions(user=user, this_key=request.session.session_key)
    done = ngettext(
        "%(number)d other device is signed out.",
        "%(number)d other devices are signed out.",
        number,
    )
    messages.success(request, done % {"number": number})
    return redirect("accounts:sessions")
