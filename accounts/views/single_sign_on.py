"""To the identity provider and back."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.actions.single_sign_on import NotLetIn, ProviderFailed, SignInIsOver
from config.http import HtmxRequest, render_screen


@require_safe
def single_sign_on(request: HtmxRequest) -> HttpResponse:
    """A link, not a form: our policy lets no form lead to another host.

    So that no other site can start it, only our own pages' links and typed addresses
    do; from elsewhere one gets to the sign-in page.
    """
    # Imported when used: most sites have no provider, and it weighs 10 MB.
    from accounts.single_sign_on import send_to_provider

    if request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        return redirect("account_login")
    asked = request.GET.get("next")
    next_url = asked if asked and get_adapter(request).is_safe_url(asked) else None
    try:
        return send_to_provider(request, next_url)
    except ProviderFailed:
        return refused(request, provider_failed(), 502)


@require_safe
def single_sign_on_answer(request: HtmxRequest) -> HttpResponse:
    from accounts.single_sign_on import sign_in_by_answer

    try:
        return sign_in_by_answer(request)
    except NotLetIn as refusal:
        return refused(request, str(refusal), 403)
    except ProviderFailed:
        return refused(request, provider_failed(), 502)
    except SignInIsOver:
        text = _(
            "This sign-in was begun elsewhere, too long ago, or is done already. "
            "Begin it again here."
        )
        return refused(request, text, 400)


def provider_failed() -> str:
    return _(
        "The identity provider did not let you in, or did not answer. Try it again; if "
        "it stays so, tell whoever runs this site."
    )


def refused(request: HtmxRequest, text: str, status: int) -> HttpResponse:
    template = "accounts/single_sign_on_refused.html"
    return render_screen(request, template, {"text": text}, status)
