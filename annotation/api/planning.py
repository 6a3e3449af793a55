"""A batch as it is asked for by API, and what it would cost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from rest_framework.request import Request

from accounts.models import User
from accounts.permissions import Action, Principal
from annotation.access import project_for
from annotation.actions.asking import Asked
from annotation.actions.batches import annotators_named
from annotation.api import schema
from annotation.api.before_work import round_of, training_of
from annotation.models import Batch, Dataset
from annotation.models.batch import Strategy
from annotation.planning.cost import Cost
from annotation.selecting import Selection, Sure
from annotation.selecting.assigned import read_assigned
from config.api import Refused
from rubrics.models import RubricVersion


def asked_by(request: Request, project_id: UUID) -> Asked:
    """The batch that a manager's request asks for. Raises Refused."""
    project = project_for(Principal.of(request), project_id, Action.MANAGE_BATCHES)
    checked = schema.BatchIn(data=request.data)
    checked.is_valid(raise_exception=True)
    sent = checked.validated_data
    versions = RubricVersion.objects.filter(rubric__project=project)
    fields: dict[str, Any] = {
        "project": project,
        "dataset": one_in_project(
            Dataset.objects.filter(project=project), sent["dataset"], "dataset"
        ),
        "rubric_version": one_in_project(
            versions.select_related("rubric"), sent["rubric_version"], "rubric_version"
        ),
        "layout": sent["layout"],
        "seed": sent["seed"],
    }
    selection, named = selection_of(Batch(**fields), sent)
    people = annotators_named(project, sent.get("annotators", []))
    return Asked(
        **fields,
        name=sent["name"],
        overlap=overlap_of(sent, selection),
        overlap_share=sent["overlap_share"],
        annotators=list(dict.fromkeys([*people, *named])),
        selection=selection,
        strategy=sent["strategy"],
        skill_segment=sent["skill_segment"],
        cap=sent["per_annotator_cap"],
        daily_cap=sent["daily_cap"],
        priority=sent["priority"],
        lease=timedelta(minutes=sent["lease_minutes"]),
        due_at=sent["due_at"],
        guidelines=sent["guidelines"],
        training=training_of(sent["training"]),
        calibration=round_of(sent["calibration"]),
    )


def overlap_of(sent: dict[str, Any], selection: Selection) -> int:
    """Of units with named people: as many as are named for the most asked."""
    if sent["strategy"] != Strategy.NAMED:
        return int(sent["overlap"])
    most = max((len(one["annotators"]) for one in selection.assigned), default=1)
    if sent.get("overlap", most) != most:
        message = "Those named for a unit judge it; leave the overlap out."
        fault = {"field": "overlap", "message": message}
        raise Refused("The batch was not made.", [fault])
    return most


def selection_of(batch: Batch, sent: dict[str, Any]) -> tuple[Selection, list[User]]:
    """The selection, and the people whom it names for units. Raises Refused."""
    assigned, people = read_assigned(batch, sent["assigned"], sent["pairs"])
    sure = sent["sure"]
    plain = ("pairs", "systems", "segments", "metadata", "items", "listed", "only")
    selection = Selection(
        **{name: sent[name] for name in (*plain, "sample", "rest_share")},
        sure=Sure(**sure) if sure else None,
        assigned=assigned,
    )
    return selection, people


def one_in_project(rows: Any, pk: UUID, field: str) -> Any:
    """The row, or a fault at the field: a body names only what its project has."""
    found = rows.filter(pk=pk).first()
    if found is None:
        what = field.replace("_", " ")
        fault = {"field": field, "message": f"This project has no such {what}."}
        raise Refused("The batch was not made.", [fault])
    return found


def cost_json(cost: Cost) -> dict[str, Any]:
    return {
        "units": cost.units,
        "judgments": cost.judgments,
        "overlapping": cost.overlapping,
        "before_work": cost.before_work,
        "hours": round(cost.hours, 2),
        "annotators": [
            {
                "email": share.user.email,
                "units": share.units,
                "judgments": share.judgments,
                "hours": round(share.hours, 2),
                "pace_seconds": round(share.pace.seconds, 1),
                "pace_from": share.pace.based_on,
            }
            for share in cost.shares
        ],
        "seconds_per_unit": round(cost.pace.seconds, 1),
        "based_on": cost.pace.based_on,
        "working_days": cost.days,
        "hours_a_day": cost.hours_a_day and round(cost.hours_a_day, 2),
        "days_of_daily_cap": cost.days_of_cap,
        "warnings": [
            {"code": warned.code, "message": warned.message} for warned in cost.warnings
        ],
    }
