"""Returns: a manager asks about a judgment, its annotator says that it stands."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.permissions import Action, Principal
from annotation.access import judgment_for, own_return_for
from annotation.actions import returning
from annotation.actions.judging import BatchIsShut
from annotation.forms.returns import ReplyForm, ReturnForm
from annotation.mine.history import takes_revisions
from annotation.views.records import judgment_screen
from config.http import HtmxRequest, render_screen


@login_required
@require_POST
def send_back(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """Return a judgment to its annotator with a question."""
    principal = Principal.of(request)
    found = judgment_for(principal, pk, Action.MANAGE_BATCHES)
    form = ReturnForm(request.POST)
    if not form.is_valid():
        return judgment_screen(request, found, form, status=422)
    try:
        returning.return_judgment(
            assignment=found.assignment,
            text=form.cleaned_data["text"],
            by=principal.user,
        )
    except (
        returning.NotReturnable,
        returning.AlreadyReturned,
        BatchIsShut,
    ) as error:
        messages.warning(request, str(error))
    else:
        messages.success(
            request,
            _("Returned. The annotator sees your question at home and on the item."),
        )
    return redirect("annotation:judgment", pk)


@login_required
@require_http_methods(["GET", "POST"])
def reply(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """Say why my judgment stands, instead of changing it."""
    principal = Principal.of(request)
    returned = own_return_for(principal, pk)
    form = ReplyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            returning.say_it_stands(
                returned=returned, text=form.cleaned_data["text"], by=principal.user
            )
            messages.success(request, _("Your reply is with the manager."))
        except returning.AlreadySettled as error:
            messages.info(request, str(error))
        return redirect("annotation:mine-one", returned.assignment_id)
    context = {
        "returned": returned,
        "assignment": returned.assignment,
        "batch": returned.assignment.batch,
        "form": form,
        "can_edit": takes_revisions(returned.assignment.batch),
    }
    status = 422 if form.is_bound else 200
    return render_screen(request, "annotation/return.html", context, status=status)
