"""What the API of rubrics answers with, and how it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from config.api import Conflict, Refused
from rubrics.actions import EmptyVersion, NameTaken, Refusal
from rubrics.changes import compare_versions
from rubrics.files.reading import with_lines
from rubrics.instrument import instrument_of, read_instrument
from rubrics.models import Rubric, RubricVersion
from rubrics.serialize import criteria_json
from rubrics.shape import Misshapen


@contextmanager
def refusals(body: object = None) -> Iterator[None]:
    """Answer 422 to a body of the wrong shape, 409 to an act that the state forbids."""
    try:
        yield
    except Misshapen as misshapen:
        errors = [asdict(fault) for fault in with_lines(misshapen.faults, body)]
        first = errors[:5]
        detail = "; ".join(f"{error['field']}: {error['message']}" for error in first)
        raise Refused(detail, errors) from None
    except NameTaken as refusal:
        fault = {"field": "name", "message": str(refusal)}
        raise Refused(str(refusal), [fault]) from None
    except EmptyVersion as refusal:
        raise Refused(str(refusal)) from None
    except Refusal as refusal:
        raise Conflict(str(refusal)) from None


def version_json(version: RubricVersion) -> dict[str, Any]:
    return {
        "version": version.number,
        "version_id": str(version.pk),
        "published_at": version.published_at,
    }


def summary_json(rubric: Rubric, version: RubricVersion) -> dict[str, Any]:
    """A rubric as its version leaves it, without the criteria."""
    return {"id": str(rubric.pk), "name": rubric.name, **version_json(version)}


def full_json(version: RubricVersion) -> dict[str, Any]:
    return {
        **summary_json(version.rubric, version),
        "criteria": criteria_json(instrument_of(version)),
    }


def changes_json(version: RubricVersion) -> list[dict[str, Any]]:
    """What the version changed against the published one before it."""
    before = version.previous_published()
    if before is None:
        return []
    changes = compare_versions(instrument_of(before), read_instrument(version))
    return [
        {"criterion": change.criterion, "kind": change.kind, "what": change.what}
        for change in changes
    ]
