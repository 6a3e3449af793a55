"""Names of models and vendors in a dataset's outputs, and what is done about them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Action, Principal
from annotation.access import dataset_for
from annotation.actions.leaks import decide_leaks
from annotation.content.masking import pattern_of
from annotation.models import Dataset, IdentityLeak
from annotation.models.leak import LeakState
from config.http import HtmxRequest, render_screen

PAGE = 50


@login_required
@require_safe
def leaks(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """The names by term; with a term, the outputs that hold it."""
    found = dataset_for(Principal.of(request), pk, Action.VIEW_DATA)
    state = state_of(request.GET.get("state", ""))
    term = request.GET.get("term", "")
    rows = IdentityLeak.objects.filter(dataset=found, state=state)
    context = {
        "project": found.project,
        "dataset": found,
        "state": state,
        "term": term,
        "tabs": tabs(found, state, term),
        "page": page_of_places(rows, term, request)
        if term
        else page_of_terms(rows, request),
        "acts": ACTS[state],
    }
    return render_screen(request, "annotation/leaks.html", context)


def state_of(asked: str) -> LeakState:
    return LeakState(asked) if asked in LeakState.values else LeakState.OPEN


def tabs(dataset: Dataset, state: str, term: str) -> list[dict[str, Any]]:
    """The states with how many outputs are in each."""
    rows = IdentityLeak.objects.filter(dataset=dataset)
    if term:
        rows = rows.filter(term=term)
    query = {"term": term} if term else {}
    return [
        {
            "label": one.label,
            "count": rows.filter(state=one).output_count(),
            "url": f"?{urlencode({'state': one.value, **query})}",
            "here": one == state,
        }
        for one in LeakState
    ]


def page_of_terms(rows: Any, request: HtmxRequest) -> Any:
    page = Paginator(rows.by_term(), PAGE).get_page(request.GET.get("page"))
    terms = list(page.object_list)
    first = IdentityLeak.objects.in_bulk([one["first"] for one in terms])
    page.object_list = [
        one
        | {
            "excerpt": marked(first[one["first"]].excerpt, one["term"]),
            "query": urlencode({"state": rows_state(request), "term": one["term"]}),
        }
        for one in terms
        if one["first"] in first
    ]
    return page


def rows_state(request: HtmxRequest) -> str:
    return state_of(request.GET.get("state", "")).value


def page_of_places(rows: Any, term: str, request: HtmxRequest) -> Any:
    places = rows.filter(term=term).select_related("output__item", "decided_by")
    page = Paginator(places.order_by("pk"), PAGE).get_page(request.GET.get("page"))
    page.object_list = [
        {"leak": leak, "excerpt": marked(leak.excerpt, leak.term)}
        for leak in page.object_list
    ]
    return page


def marked(excerpt: str, term: str) -> SafeString:
    """The excerpt with the name marked in it."""
    parts = []
    end = 0
    for match in pattern_of((term,)).finditer(excerpt):
        parts += [
            format_html("{}<mark>{}</mark>", excerpt[end : match.start()], match[0])
        ]
        end = match.end()
    parts += [format_html("{}", excerpt[end:])]
    return mark_safe("".join(parts))  # noqa: S308 (each part is escaped)


# What can be done in each state: (the state it leads to, the button's word).
ACTS = {
    LeakState.OPEN: [LeakState.MASKED, LeakState.KEPT],
    LeakState.MASKED: [LeakState.OPEN],
    LeakState.KEPT: [LeakState.OPEN],
}


@login_required
@require_POST
def decide(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """Mask, keep or open again: one output's name, a term, or all of one state."""
    principal = Principal.of(request)
    found = dataset_for(principal, pk, Action.IMPORT_DATA)
    back = reverse("annotation:leaks", args=[pk])
    if request.GET:
        back = f"{back}?{request.GET.urlencode()}"
    state = request.POST.get("to", "")
    rows = chosen(request, found)
    if rows is None or state not in LeakState.values:
        messages.error(request, _("Choose what is to be masked or kept."))
        return redirect(back)
    count = decide_leaks(
        dataset=found,
        leaks=rows,
        state=state,
        by=principal.user,
        term=request.POST.get("term", ""),
    )
    messages.success(request, done(LeakState(state), count))
    return redirect(back)


def chosen(request: HtmxRequest, dataset: Dataset) -> Any:
    """The leaks that a form names; None when it names none."""
    rows = IdentityLeak.objects.filter(dataset=dataset)
    posted = request.POST
    if (leak := posted.get("leak", "")) and leak.isascii() and leak.isdigit():
        return rows.filter(pk=int(leak)) if len(leak) < 19 else None
    if posted.get("from") not in LeakState.values:
        return None
    rows = rows.filter(state=posted["from"])
    if term := posted.get("term", ""):
        return rows.filter(term=term)
    return rows if "all" in posted else None


def done(state: LeakState, count: int) -> str:
    counted = {"count": count}
    if state == LeakState.MASKED:
        return (
            ngettext(
                "%(count)s name is masked: annotators see blocks in its place.",
                "%(count)s names are masked: annotators see blocks in their place.",
                count,
            )
            % counted
        )
    if state == LeakState.KEPT:
        return (
            ngettext(
                "%(count)s name is kept as it stands.",
                "%(count)s names are kept as they stand.",
                count,
            )
            % counted
        )
    return (
        ngettext(
            "%(count)s name is open again and shown as it stands.",
            "%(count)s names are open again and shown as they stand.",
            count,
        )
        % counted
    )
