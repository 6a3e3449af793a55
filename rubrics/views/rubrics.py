"""The list of a project's rubrics, and deleting one."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import membership_for
from accounts.permissions import Action, Principal, allows
from config.http import HtmxRequest, render_screen
from rubrics.access import rubric_for, rubrics_of
from rubrics.actions import Refusal, delete_rubric
from rubrics.library import library


@login_required
@require_GET
def rubric_list(request: HtmxRequest, project_id: UUID) -> HttpResponse:
    principal = Principal.of(request)
    membership = membership_for(principal, project_id, Action.VIEW_RUBRICS)
    rubrics = rubrics_of(principal, membership).order_by("name", "created_at")
    may_edit = allows(principal, membership, Action.EDIT_RUBRICS)
    context = {
        "project": membership.project,
        "page": Paginator(rubrics, 50).get_page(request.GET.get("page")),
        "may_edit": may_edit,
        "library": library() if may_edit else (),
    }
    return render_screen(request, "rubrics/list.html", context)


@login_required
@require_POST
def deletion(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """Delete a rubric that nothing uses."""
    principal = Principal.of(request)
    rubric = rubric_for(principal, pk, Action.EDIT_RUBRICS)
    try:
        delete_rubric(rubric=rubric, by=principal.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("“%(rubric)s” was deleted.") % {"rubric": rubric})
    return redirect("rubrics:list", rubric.project_id)
