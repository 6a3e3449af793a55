"""The page of a job, and the part of it that polls until the job is finished."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from accounts.permissions import Principal
from config.http import HtmxRequest, render_screen
from jobs.access import job_for


@login_required
@require_safe
def job(request: HtmxRequest, pk: UUID) -> HttpResponse:
    job = job_for(Principal.of(request), pk)
    if request.htmx.target == job.element_id:
        response = render(request, "includes/_job.html", {"job": job})
    else:
        response = render_screen(request, "jobs/job.html", {"job": job})
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response
