"""A project's first page, its datasets, and files uploaded into them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from accounts.access import membership_for
from accounts.models import Project, User
from accounts.permissions import Action, Principal, allows
from annotation.access import dataset_for, import_for, project_for
from annotation.actions import datasets as actions
from annotation.actions.importing import ImportCounts, import_outputs
from annotation.content import as_text
from annotation.flags import skips_by_batch, waiting_by_batch
from annotation.forms.datasets import DatasetForm, UploadForm
from annotation.importing.readers import UnreadableFile, read_rows
from annotation.importing.uploads import is_large, keep_for_job
from annotation.models import (
    Batch,
    BatchMember,
    Dataset,
    IdentityLeak,
    Import,
    Item,
)
from annotation.models.batch import BatchState
from annotation.models.leak import LeakState
from annotation.watching.activity import activity_in
from annotation.watching.sizes import sizes_in
from annotation.watching.snapshot import counts_in
from config.api import Refused
from config.http import HtmxRequest, render_screen
from jobs.actions import start
from jobs.models import Job

ITEMS_SHOWN = 20
LATELY = 10


@login_required
@require_safe
def project(request: HtmxRequest, project_id: UUID) -> HttpResponse:
    """What is there: batches with their progress, datasets; an annotator's own work."""
    principal = Principal.of(request)
    membership = membership_for(principal, project_id, Action.VIEW_PROJECT)
    batches = Batch.objects.filter(project=project_id).order_by("-created_at")
    sees_progress = allows(principal, membership, Action.VIEW_PROGRESS)
    manages = allows(principal, membership, Action.MANAGE_BATCHES)
    if not sees_progress:
        mine = BatchMember.objects.filter(user=principal.user, active=True)
        batches = batches.filter(members__in=mine).exclude(state=BatchState.DRAFT)
    shown = list(batches.select_related("rubric_version__rubric", "dataset"))
    counts = counts_in(shown) if sees_progress else {}
    flags = waiting_by_batch(shown) if manages else {}
    skips = skips_by_batch(shown) if manages else {}
    context = {
        "project": membership.project,
        "membership": membership,
        "manages": manages,
        "sees_progress": sees_progress,
        "batches": [
            {
                "batch": batch,
                "counts": counts[batch.pk].value if batch.pk in counts else None,
                "waiting_flags": flags.get(batch.pk, 0),
                "waiting_skips": skips.get(batch.pk, 0),
            }
            for batch in shown
        ],
        "datasets": datasets_in(membership.project) if manages else [],
        "flags_waiting": sum(flags.values()),
        "skips_waiting": sum(skips.values()),
        "lately": activity_in(membership.project, LATELY) if manages else [],
    }
    return render_screen(request, "annotation/project.html", context)


def datasets_in(project: Project) -> list[dict[str, Any]]:
    datasets = list(project.datasets.order_by("name"))
    sizes = sizes_in(datasets)
    return [{"dataset": one, "size": sizes[one.pk]} for one in datasets]


@login_required
@require_http_methods(["GET", "POST"])
def new_dataset(request: HtmxRequest, project_id: UUID) -> HttpResponse:
    principal = Principal.of(request)
    found = project_for(principal, project_id, Action.IMPORT_DATA)
    form = DatasetForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            dataset = actions.create_dataset(
                project=found,
                name=form.cleaned_data["name"],
                by=Principal.of(request).user,
            )
            return redirect("annotation:dataset", dataset.pk)
        except Refused as error:
            form.add_error("name", error.errors[0]["message"])
    context = {"project": found, "form": form}
    status = 422 if form.is_bound else 200
    return render_screen(request, "annotation/dataset_new.html", context, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def dataset(request: HtmxRequest, pk: UUID) -> HttpResponse:
    """A dataset's items and imports; POST uploads a file into it."""
    principal = Principal.of(request)
    action = Action.IMPORT_DATA if request.method == "POST" else Action.VIEW_DATA
    found = dataset_for(principal, pk, action)
    form = UploadForm()
    counts: ImportCounts | None = None
    status = 200
    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES)
        if wants_job(form) and (job := start_import(form, found, principal.user)):
            return redirect("jobs:job", job.pk)
        counts = None if form.errors else upload(request, found, form)
        status = 200 if counts is not None else 422
    context = {
        "project": found.project,
        "dataset": found,
        "form": form,
        "counts": counts,
        "is_dry_run": form.is_bound and form.data.get("dry_run"),
        "items": [listed(item) for item in first_items(found)],
        "item_count": found.items.count(),
        "output_count": found.outputs.count(),
        "imports": found.imports.select_related("by").order_by("-at")[:20],
        "batches": found.batches.order_by("name"),
        "leak_counts": leak_counts(found),
    }
    return render_screen(request, "annotation/dataset.html", context, status=status)


def wants_job(form: UploadForm) -> bool:
    """Does a job take the file? One that no reader knows is refused at once."""
    if not form.is_valid() or not form.format_name:
        return False
    return is_large(form.upload.size, gzipped=form.is_gzipped)


def start_import(form: UploadForm, found: Dataset, by: User) -> Job | None:
    """The job that imports a large file; None with the form's error without one."""
    data = form.cleaned_data
    try:
        kept = keep_for_job(form.stream())
    except Refused as error:
        form.add_error("file", str(error.detail))
        return None
    return start(
        "import_outputs",
        project=found.project,
        by=by,
        params={
            "dataset": str(found.pk),
            "path": str(kept),
            "format_name": form.format_name,
            "on_change": data["on_change"],
            "dry_run": data["dry_run"],
        },
    )


def upload(
    request: HtmxRequest, found: Dataset, form: UploadForm
) -> ImportCounts | None:
    """Import the posted file; None with the form's errors where it cannot be read."""
    if not form.is_valid():
        return None
    if form.format_name is None:
        form.add_error("file", _("Send a .jsonl, .ndjson, .json, .csv or .xlsx file."))
        return None
    try:
        counts = import_outputs(
            dataset=found,
            rows=read_rows(form.stream(), form.format_name),
            by=Principal.of(request).user,
            on_change=form.cleaned_data["on_change"],
            dry_run=form.cleaned_data["dry_run"],
            source=form.upload.name[:200],
        )
    except UnreadableFile as error:
        form.add_error("file", str(error))
        return None
    if counts.records == 0:
        form.add_error("file", _("The file holds no records; nothing was imported."))
        return None
    return counts


def leak_counts(found: Dataset) -> dict[str, int]:
    """How many outputs name somebody: that wait, are masked, are kept."""
    leaks = IdentityLeak.objects.filter(dataset=found)
    return {
        "open": leaks.open().output_count(),
        "masked": leaks.filter(state=LeakState.MASKED).output_count(),
        "kept": leaks.filter(state=LeakState.KEPT).output_count(),
    }


def first_items(found: Dataset) -> Any:
    items = Item.objects.filter(dataset=found).order_by("pk")
    return items.prefetch_related("segments", "outputs__system")[:ITEMS_SHOWN]


def listed(item: Item) -> dict[str, Any]:
    return {
        "item": item,
        "line": as_text(item.input)[:200],
        "systems": sorted({output.system.name for output in item.outputs.all()}),
    }


@login_required
@require_POST
def delete_dataset(request: HtmxRequest, pk: UUID) -> HttpResponse:
    found = dataset_for(Principal.of(request), pk, Action.IMPORT_DATA)
    try:
        actions.delete_dataset(dataset=found, by=Principal.of(request).user)
    except actions.InUse as error:
        messages.error(request, str(error))
        return redirect("annotation:dataset", pk)
    words = _("The dataset %(name)s is deleted.") % {"name": found.name}
    messages.success(request, words)
    return redirect("annotation:project", found.project_id)


@login_required
@require_POST
def delete_import(request: HtmxRequest, pk: UUID) -> HttpResponse:
    imported: Import = import_for(Principal.of(request), pk, Action.IMPORT_DATA)
    try:
        actions.delete_import(imported=imported, by=Principal.of(request).user)
        messages.success(request, _("What this import brought is deleted."))
    except actions.InUse as error:
        messages.error(request, str(error))
    return redirect("annotation:dataset", imported.dataset_id)
