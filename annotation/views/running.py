"""What a manager does to a running batch: release, reassign, share out, withdraw.

The forms stand on the batch's own pages; here is where they are sent.
"""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.permissions import Action, Principal
from annotation.access import batch_for, unit_for
from annotation.actions.holding import WrongState
from annotation.actions.reassigning import Reassigned, reassign, share_out
from annotation.actions.releasing import release_leases
from annotation.actions.withdrawing import restore_unit, withdraw_unit
from annotation.forms.running import ReassignForm, ReleaseForm, WithdrawalForm
from annotation.models import Batch
from config.api import Refused
from config.http import HtmxRequest


@login_required
@require_POST
def release(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """End leases: a unit that somebody left open goes to whoever is free."""
    principal = Principal.of(request)
    batch = batch_for(principal, pk, Action.MANAGE_BATCHES)
    form = ReleaseForm(request.POST, batch=batch)
    if not form.is_valid():
        return refused(request, batch, form)
    try:
        released = release_leases(
            batch=batch, by=principal.user, annotator=form.cleaned_data["annotator"]
        )
    except WrongState as error:
        messages.error(request, str(error))
    else:
        words = ngettext(
            "%(count)s lease is released; its draft is kept.",
            "%(count)s leases are released; their drafts are kept.",
            released,
        )
        messages.success(request, words % {"count": released})
    return back(request, batch)


@login_required
@require_POST
def hand_over(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """Give what an annotator has not submitted to another, or back."""
    principal = Principal.of(request)
    batch = batch_for(principal, pk, Action.MANAGE_BATCHES)
    form = ReassignForm(request.POST, batch=batch)
    if not form.is_valid():
        return refused(request, batch, form)
    giver, taker = form.cleaned_data["giver"], form.cleaned_data["taker"]
    leaves = form.cleaned_data["leaves"]
    joins = not batch.members.filter(user=taker, active=True).exists()
    try:
        done = reassign(
            batch=batch, from_=giver, to=taker, by=principal.user, leaves=leaves
        )
    except WrongState as error:
        messages.error(request, str(error))
    except Refused as error:
        for fault in error.errors:
            messages.error(request, fault["message"])
    else:
        said = words_of(done)
        if taker and joins:
            words = _("%(person)s judges in %(batch)s now.")
            said.append(words % {"person": taker, "batch": batch})
        if leaves:
            said.append(_("%(person)s takes no more.") % {"person": giver})
        messages.success(request, " ".join(said or [_("No unit is moved.")]))
    return back(request, batch)


def words_of(done: Reassigned) -> list[str]:
    """What became of the units, one sentence for each thing that happened."""
    said = []
    if done.moved:
        said.append(
            ngettext(
                "%(count)s unit is moved.", "%(count)s units are moved.", done.moved
            )
            % {"count": done.moved}
        )
    if done.freed:
        said.append(
            ngettext(
                "%(count)s unit is free for others.",
                "%(count)s units are free for others.",
                done.freed,
            )
            % {"count": done.freed}
        )
    if done.left:
        said.append(
            ngettext(
                "%(count)s unit waits for you: share it out.",
                "%(count)s units wait for you: share them out.",
                done.left,
            )
            % {"count": done.left}
        )
    return said


@login_required
@require_POST
def set_aside(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """Share the free slots out among the annotators who are there."""
    principal = Principal.of(request)
    batch = batch_for(principal, pk, Action.MANAGE_BATCHES)
    try:
        shared = share_out(batch=batch, by=principal.user)
    except WrongState as error:
        messages.error(request, str(error))
    else:
        words = ngettext(
            "%(count)s unit is shared out.", "%(count)s units are shared out.", shared
        )
        messages.success(request, words % {"count": shared})
    return back(request, batch)


@login_required
@require_POST
def withdraw(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """Take a unit out: nobody is given it any more."""
    principal = Principal.of(request)
    unit = unit_for(principal, pk, Action.MANAGE_BATCHES)
    form = WithdrawalForm(request.POST)
    if not form.is_valid():
        return refused(request, unit.batch, form)
    try:
        withdraw_unit(unit=unit, by=principal.user, reason=form.cleaned_data["reason"])
    except WrongState as error:
        messages.error(request, str(error))
    else:
        words = _("%(item)s is withdrawn: nobody is given it, its judgments stay.")
        messages.success(request, words % {"item": unit.item.external_id})
    return back(request, unit.batch)


@login_required
@require_POST
def restore(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """Bring a withdrawn unit back."""
    principal = Principal.of(request)
    unit = unit_for(principal, pk, Action.MANAGE_BATCHES)
    try:
        restore_unit(unit=unit, by=principal.user)
    except WrongState as error:
        messages.error(request, str(error))
    else:
        words = _("%(item)s is back in the batch.")
        messages.success(request, words % {"item": unit.item.external_id})
    return back(request, unit.batch)


def refused(request: HtmxRequest, batch: Batch, form: forms.Form) -> HttpResponse:
    for faults in form.errors.values():
        for fault in faults:
            messages.error(request, str(fault))
    return back(request, batch)


def back(request: HtmxRequest, batch: Batch) -> HttpResponse:
    """The page of ours that the form stood on, by its field `next`; else the batch."""
    address = request.POST.get("next", "")
    # A word alone would be looked up as the name of a view.
    if address.startswith("/") and url_has_allowed_host_and_scheme(
        address, allowed_hosts=None
    ):
        return redirect(address)
    return redirect(batch)
