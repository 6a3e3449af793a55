"""Units with the people named for each, as sent and as stored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Membership, User
from annotation.models import Batch
from annotation.models.batch import Layout
from annotation.selecting.outputs import CHUNK, item_keys, selected_outputs
from annotation.selecting.plans import groups_of
from annotation.selecting.selection import Selection
from config.api import Refused
from config.chunks import chunks


def read_assigned(
    batch: Batch, sent: Sequence[Mapping[str, Any]], pairs: Any = "all"
) -> tuple[list[dict[str, list[str]]], list[User]]:
    """Units with the ids of their people, and these people. Raises Refused.

    `sent` names each by e-mail, for the unit of these `outputs` or for all units of an
    `item`. Who is named twice for a unit judges it once.
    """
    faults: list[dict[str, str]] = []
    people = people_of(batch)
    lists_of = units_of_items(batch, [s["item"] for s in sent if "item" in s], pairs)
    named: dict[frozenset[str], tuple[list[str], dict[str, None]]] = {}
    users: dict[User, None] = {}
    for index, entry in enumerate(sent):
        found = []
        for place, email in enumerate(entry["annotators"]):
            person = people.get(email.strip().lower())
            if isinstance(person, User):
                found.append(person)
                continue
            words = person or _("%(email)s is not a member of this project.")
            field = f"assigned.{index}.annotators.{place}"
            faults.append({"field": field, "message": words % {"email": email}})
        lists = lists_of.get(entry["item"], []) if "item" in entry else None
        if lists is not None and not lists:
            words = _("The dataset has no item %(name)s with such units.")
            name = repr(entry["item"])
            faults.append(
                {"field": f"assigned.{index}.item", "message": words % {"name": name}}
            )
        for outputs in [entry["outputs"]] if lists is None else lists:
            unit = named.setdefault(frozenset(outputs), (list(outputs), {}))
            unit[1].update(dict.fromkeys(str(person.pk) for person in found))
        users.update(dict.fromkeys(found))
    if faults:
        raise Refused(_("The batch was not made."), faults[:1_000])
    stored = [
        {"outputs": outputs, "annotators": list(ids)} for outputs, ids in named.values()
    ]
    return stored, list(users)


def people_of(batch: Batch) -> dict[str, User | str]:
    """Members by e-mail; who does not annotate is a sentence about it."""
    members = Membership.objects.current().filter(project=batch.project_id)
    return {
        member.user.email.lower(): member.user
        if member.annotates
        else _("%(email)s does not annotate here.")
        for member in members.select_related("user")
    }


def units_of_items(
    batch: Batch, names: Sequence[str], pairs: Any
) -> dict[str, list[list[str]]]:
    """All units that each item's outputs make in the batch's layout."""
    if not names:
        return {}
    known = item_keys(batch.dataset_id, names)
    name_of = {pk: name for name, pk in known.items()}
    outputs: dict[int, list[str]] = defaultdict(list)
    for piece in chunks(sorted(known.values()), CHUNK):
        rows = selected_outputs(batch, Selection()).filter(item__in=piece)
        for item_id, name in rows.values_list("item_id", "external_id"):
            outputs[item_id].append(name)
    forming = Selection(pairs=pairs if batch.layout == Layout.PAIRWISE else "all")
    return {
        name_of[pk]: [list(group) for group in groups_of(found, batch, forming, pk)]
        for pk, found in outputs.items()
    }
