"""Datasets: made, and deleted with their imports while nobody has judged them."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from accounts.models import AuditEvent, Project, User
from annotation.models import Dataset, Import, Item, Output, Unit, UnitOutput
from config.api import Refused


class InUse(Exception):
    """Batches need what was to be deleted; the message says how to go on."""


@transaction.atomic
def create_dataset(*, project: Project, name: str, by: User) -> Dataset:
    """Make an empty dataset; Refused when the name is taken in this project."""
    try:
        with transaction.atomic():
            dataset = Dataset.objects.create(project=project, name=name, created_by=by)
    except IntegrityError:
        fault = {"field": "name", "message": _("Another dataset has this name.")}
        raise Refused(_("The dataset was not made."), [fault]) from None
    AuditEvent.objects.record(
        "dataset created", dataset, by=by, project=project, name=name
    )
    return dataset


def lock(dataset: Dataset) -> None:
    """Keep imports and new batches of a dataset waiting until this is over."""
    list(Dataset.objects.select_for_update().filter(pk=dataset.pk).values_list("pk"))


@transaction.atomic
def delete_dataset(*, dataset: Dataset, by: User) -> None:
    """Delete a dataset that no batch uses; raises InUse."""
    lock(dataset)
    if dataset.batches.exists():
        raise InUse(
            _("Batches use this dataset; delete those that nobody judged first.")
        )
    AuditEvent.objects.record(
        "dataset deleted", dataset, by=by, project=dataset.project, name=dataset.name
    )
    try:
        dataset.delete()
    except ProtectedError:
        raise InUse(_("A batch was made of it in this moment, so it stays.")) from None


@transaction.atomic
def delete_import(*, imported: Import, by: User) -> None:
    """Take back what an import made: outputs, then items that are left without any.

    What it updated in place stays updated. Raises InUse when a batch shows some of it.
    """
    lock(imported.dataset)
    outputs = Output.objects.filter(imported_in=imported)
    items = Item.objects.filter(imported_in=imported)
    shown = UnitOutput.objects.filter(output__in=outputs)
    if shown.exists() or Unit.objects.filter(item__in=items).exists():
        raise InUse(
            _(
                "A batch shows outputs of this import; delete the batch first, if "
                "nobody has judged it."
            )
        )
    AuditEvent.objects.record(
        "import deleted",
        imported,
        by=by,
        project=imported.dataset.project,
        dataset=str(imported.dataset_id),
        source=imported.source,
    )
    try:
        outputs.delete()
        items.filter(outputs=None).delete()
    except ProtectedError:
        raise InUse(_("A batch was made of it in this moment, so it stays.")) from None
    imported.delete()
