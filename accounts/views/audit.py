"""The audit trail of a project, for those who manage it."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from accounts.access import audit_trail_of
from accounts.audit_words import fact_name, fact_value
from accounts.models import AuditEvent, User
from accounts.permissions import Principal
from config.http import HtmxRequest, render_screen

EVENTS_ON_A_PAGE = 50


@login_required
@require_safe
def audit(request: HtmxRequest, project_id: UUID) -> HttpResponse:
    acting, events = audit_trail_of(Principal.of(request), project_id)
    page = Paginator(events, EVENTS_ON_A_PAGE).get_page(request.GET.get("page"))
    people = people_named_in(list(page.object_list))
    context = {
        "acting": acting,
        "project": acting.project,
        "page_obj": page,
        "events": [(event, readable(event, people)) for event in page.object_list],
    }
    return render_screen(request, "accounts/audit.html", context)


def people_named_in(events: list[AuditEvent]) -> dict[str, str]:
    """Events name people by id, so that an erased name leaves the trail as well."""
    ids = {str(event.data["person"]) for event in events if event.data.get("person")}
    return {str(user.pk): str(user) for user in User.objects.filter(pk__in=ids)}


def readable(event: AuditEvent, people: dict[str, str]) -> list[tuple[str, str]]:
    facts = []
    for name, value in event.data.items():
        if name == "person":
            value = people.get(str(value), value)
        facts.append((fact_name(name), fact_value(value)))
    return facts
