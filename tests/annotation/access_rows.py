"""Who gets what on the addresses of annotation."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.access import Row
from tests.annotation.fixtures import ndjson, records
from tests.annotation.media_files import picture

Kwargs = dict[str, Any]


def project(w: Any) -> Kwargs:
    return {"project_id": w.project.pk}


def dataset(w: Any) -> Kwargs:
    return {"pk": w.dataset.pk}


def imported(w: Any) -> Kwargs:
    return {"pk": w.imported.pk}


def media(w: Any) -> Kwargs:
    return {"pk": w.media.pk}


def draft(w: Any) -> Kwargs:
    return {"pk": w.draft_batch.pk}


def opened(w: Any) -> Kwargs:
    return {"pk": w.open_batch.pk}


def open_batch_id(w: Any) -> Kwargs:
    return {"batch_id": w.open_batch.pk}


def bens(w: Any) -> Kwargs:
    return {"pk": w.assignment.pk}


def unit(w: Any) -> Kwargs:
    return {"pk": w.open_batch.units.order_by("place")[0].pk}


def ben_of_project(w: Any) -> Kwargs:
    return {"project_id": w.project.pk, "user_id": w.ben.pk}


def bens_flag(w: Any) -> Kwargs:
    return {"pk": w.flag.pk}


def bens_judgment(w: Any) -> Kwargs:
    return {"pk": w.returned.assignment.judgments.get().pk}


def returned(w: Any) -> Kwargs:
    return {"pk": w.returned.pk}


def bens_skip(w: Any) -> Kwargs:
    return {"pk": w.skipped.pk}


def bens_unit(w: Any) -> Kwargs:
    return {"pk": w.assignment.unit_id}


def staged(w: Any) -> Kwargs:
    return {"pk": w.staged_batch.pk}


def staged_id(w: Any) -> Kwargs:
    return {"batch_id": w.staged_batch.pk}


def training_unit(w: Any) -> Kwargs:
    return {"pk": w.staged_draft.units.get(kind="training").pk}


def calibration_unit(w: Any) -> Kwargs:
    return {"pk": w.staged_batch.units.get(kind="calibration").pk}


def bens_training(w: Any) -> Kwargs:
    return {"pk": w.trained_assignment.pk}


def rubric(w: Any) -> Kwargs:
    return {"pk": w.rubric_version.rubric_id}


def its_version(w: Any) -> dict[str, str]:
    return {"rubric_version": str(w.rubric_version.pk)}


def new_batch(w: Any) -> dict[str, Any]:
    return {
        "name": "Another",
        "dataset": str(w.dataset.pk),
        "rubric_version": str(w.rubric_version.pk),
        "layout": "scoring",
        "overlap": 1,
        "annotators": ["ben@example.org"],
    }


GOOD = {"accuracy": {"A": 4}, "fluent": {"A": True}}
POSTED = {"answer-accuracy-A": "4", "answer-fluent-A": "true"}

#                visitor eve olga ada dov ben vic
PAGE_MANAGERS = "302 404 200 200 403 403 403"
PAGE_ACTS = "302 404 302 302 403 403 403"
API_MANAGERS = "401 404 200 200 403 403 403"

ROWS = [
    Row(
        "POST",
        "annotation:rubric-preview",
        "302 404 200 200 403 403 403",
        project,
        body=lambda w: {"count": "0"},
    ),
    Row(
        "GET",
        "annotation:library-preview",
        "302 404 200 200 403 403 403",
        lambda w: {"project_id": w.project.pk, "key": "rag-answer"},
    ),
    Row(
        "GET",
        "annotation:version-preview",
        "302 404 200 200 200 200 200",
        lambda w: {"pk": w.rubric_version.pk},
    ),
    Row("GET", "annotation:home", "302 200 200 200 200 200 200"),
    Row("GET", "annotation:project", "302 404 200 200 200 200 200", project),
    Row("GET", "annotation:dataset-new", PAGE_MANAGERS, project),
    Row(
        "POST",
        "annotation:dataset-new",
        PAGE_ACTS,
        project,
        body=lambda w: {"name": "New"},
    ),
    Row("GET", "annotation:dataset", PAGE_MANAGERS, dataset),
    Row(
        "POST",
        "annotation:dataset",
        "302 404 422 422 403 403 403",
        dataset,
        body=lambda w: {},
    ),
    Row("POST", "annotation:dataset-deletion", PAGE_ACTS, dataset),
    Row("POST", "annotation:import-deletion", PAGE_ACTS, imported),
    Row("GET", "annotation:leaks", PAGE_MANAGERS, dataset),
    Row(
        "POST",
        "annotation:leaks-decision",
        PAGE_ACTS,
        dataset,
        body=lambda w: {"from": "open", "to": "masked", "all": "1"},
    ),
    Row("GET", "annotation:media", PAGE_MANAGERS, project),
    Row(
        "POST",
        "annotation:media",
        PAGE_ACTS,
        project,
        body=lambda w: {"file": SimpleUploadedFile("a.png", picture())},
    ),
    Row(
        "POST",
        "annotation:media-hosts",
        "302 404 302 403 403 403 403",
        project,
        body=lambda w: {"hosts": "cdn.example.org"},
    ),
    Row("POST", "annotation:media-attempts", PAGE_ACTS, project),
    Row("GET", "annotation:media-file", "302 404 200 200 200 200 403", media),
    Row("GET", "annotation:batch-new", PAGE_MANAGERS, project),
    Row(
        "POST",
        "annotation:batch-new",
        "302 404 422 422 403 403 403",
        project,
        body=lambda w: {},
    ),
    Row("POST", "annotation:batch-new-preview", PAGE_MANAGERS, project),
    Row("GET", "annotation:batch-settings", PAGE_MANAGERS, opened),
    Row(
        "POST",
        "annotation:batch-settings",
        "302 404 422 422 403 403 403",
        opened,
        body=lambda w: {},
    ),
    Row("POST", "annotation:batch-settings-preview", PAGE_MANAGERS, opened),
    Row("GET", "annotation:batch", PAGE_MANAGERS, opened),
    Row("GET", "annotation:rubric-moves", PAGE_MANAGERS, rubric),
    Row("POST", "annotation:batch-rubric-version", PAGE_ACTS, draft, body=its_version),
    Row("POST", "annotation:batch-relabel", PAGE_ACTS, draft, body=its_version),
    Row("POST", "annotation:batch-open", PAGE_ACTS, draft),
    Row("POST", "annotation:batch-pause", PAGE_ACTS, opened),
    Row("POST", "annotation:batch-close", PAGE_ACTS, opened),
    Row("POST", "annotation:batch-archive", PAGE_ACTS, draft),
    Row("POST", "annotation:batch-deletion", PAGE_ACTS, draft),
    Row("POST", "annotation:batch-release", PAGE_ACTS, opened),
    Row(
        "POST",
        "annotation:batch-reassign",
        PAGE_ACTS,
        opened,
        body=lambda w: {"giver": w.ben.pk},
    ),
    Row("POST", "annotation:batch-share-out", PAGE_ACTS, opened),
    Row(
        "POST",
        "annotation:unit-withdrawal",
        PAGE_ACTS,
        unit,
        body=lambda w: {"reason": "Broken."},
    ),
    Row("POST", "annotation:unit-restoration", PAGE_ACTS, unit),
    Row("GET", "annotation:agreement", "302 404 200 200 200 403 200", opened),
    Row("POST", "annotation:measurement", "302 404 302 302 302 403 302", opened),
    Row("GET", "annotation:guidelines", PAGE_MANAGERS, opened),
    Row(
        "POST",
        "annotation:guidelines",
        PAGE_ACTS,
        opened,
        body=lambda w: {"guidelines": "Read the notes."},
    ),
    Row("GET", "annotation:training-set", PAGE_MANAGERS, draft),
    Row(
        "POST",
        "annotation:training-set",
        PAGE_ACTS,
        draft,
        body=lambda w: {"pass_mark": "80", "attempts": "3"},
    ),
    Row("GET", "annotation:training-new", PAGE_ACTS, draft),
    Row("POST", "annotation:training-new", PAGE_ACTS, draft),
    Row("GET", "annotation:training-item", PAGE_MANAGERS, training_unit),
    Row(
        "POST",
        "annotation:training-item",
        "302 404 422 422 403 403 403",
        training_unit,
        body=lambda w: {},
    ),
    Row("POST", "annotation:training-item-deletion", PAGE_ACTS, training_unit),
    Row(
        "POST",
        "annotation:admission",
        PAGE_ACTS,
        staged,
        body=lambda w: {"member": w.staged_batch.members.get(user=w.ben).pk},
    ),
    Row(
        "POST",
        "annotation:calibration-stage",
        PAGE_ACTS,
        staged,
        body=lambda w: {"stage": "discussion"},
    ),
    Row(
        "POST",
        "annotation:comments",
        "302 404 302 302 403 403 403",
        calibration_unit,
        body=lambda w: {"text": "Why a 4?"},
    ),
    Row("GET", "annotation:welcome", "302 404 403 403 403 200 403", staged_id),
    Row("POST", "annotation:welcome", "302 404 403 403 403 302 403", staged_id),
    Row("GET", "annotation:training", "302 404 403 403 403 200 403", staged_id),
    Row("POST", "annotation:training", "302 404 403 403 403 302 403", staged_id),
    Row("GET", "annotation:calibration", "302 404 200 200 403 200 403", staged_id),
    Row("GET", "annotation:feedback", "302 404 404 404 404 200 404", bens_training),
    Row("POST", "annotation:next", "302 404 403 403 403 302 403", open_batch_id),
    Row("GET", "annotation:finished", "302 404 403 403 403 200 403", open_batch_id),
    Row("GET", "annotation:assignment", "302 404 404 404 404 200 404", bens),
    Row("GET", "annotation:specimen", "302 404 404 404 404 200 404", bens),
    Row("GET", "annotation:context", "302 404 404 404 404 200 404", bens),
    Row(
        "POST",
        "annotation:assignment",
        "302 404 404 404 404 302 404",
        bens,
        body=lambda w: POSTED,
    ),
    Row(
        "POST",
        "annotation:draft",
        "302 404 404 404 404 200 404",
        bens,
        body=lambda w: POSTED,
    ),
    Row("POST", "annotation:lease", "302 404 404 404 404 302 404", bens),
    Row("POST", "annotation:following", "302 404 404 404 404 204 404", bens),
    Row(
        "POST",
        "annotation:skip",
        "302 404 404 404 404 302 404",
        bens,
        body=lambda w: {"reason": "The item is broken."},
    ),
    Row("GET", "api:media", API_MANAGERS, project),
    Row(
        "POST",
        "api:media",
        "401 404 201 201 403 403 403",
        project,
        json=lambda w: picture(),
        content_type="image/png",
    ),
    Row("GET", "api:media-hosts", API_MANAGERS, project),
    Row(
        "PUT",
        "api:media-hosts",
        "401 404 200 403 403 403 403",
        project,
        json=lambda w: {"hosts": ["cdn.example.org"]},
    ),
    Row("GET", "api:media-one", API_MANAGERS, media),
    Row("GET", "api:media-content", "401 404 200 200 200 200 403", media),
    Row("GET", "annotation:mine-all", "302 200 200 200 200 200 200"),
    Row(
        "GET",
        "annotation:my-judgments",
        "302 200 200 200 200 200 200",
        lambda w: {"extension": "csv"},
    ),
    Row("GET", "annotation:my-hours", "302 200 200 200 200 200 200"),
    Row("GET", "annotation:project-hours", PAGE_MANAGERS, project),
    Row("GET", "annotation:person", PAGE_MANAGERS, ben_of_project),
    Row("GET", "annotation:leaving", "302 404 200 200 200 200 200", project),
    # Olga is the last owner.
    Row("POST", "annotation:leaving", "302 404 422 302 302 302 302", project),
    *(
        Row("GET", f"api:my-judgments-{extension}", "401 200 200 200 200 200 200")
        for extension in ("ndjson", "csv", "xlsx")
    ),
    Row("GET", "api:my-hours", "401 200 200 200 200 200 200"),
    Row("GET", "api:project-hours", API_MANAGERS, project),
    Row("GET", "api:member-work", API_MANAGERS, ben_of_project),
    Row("POST", "api:leaving", "401 404 409 204 204 204 204", project),
    # Nothing waits to be fetched, was skipped, or is discussed in this world.
    Row("POST", "api:media-attempts", "401 404 409 409 403 403 403", project),
    Row("POST", "api:skip-return", "401 404 404 404 404 409|200 404", bens),
    Row(
        "POST",
        "api:comments",
        "401 404 409 409 403 403 403",
        calibration_unit,
        json=lambda w: {"text": "Why a 4?"},
    ),
    Row(
        "PUT",
        "api:training-item",
        "401 404 204 204 403 403 403",
        training_unit,
        json=lambda w: {"answers": {"accuracy": {"A": 4}}},
    ),
    Row(
        "DELETE",
        "api:training-item",
        "401 404 204 204 403 403 403",
        training_unit,
    ),
    Row("GET", "annotation:mine", "302 404 403 403 403 200 403", opened),
    Row("GET", "annotation:mine-one", "302 404 404 404 404 200 404", bens),
    Row("GET", "annotation:undo", "302 404 404 404 404 302 404", bens),
    Row("POST", "annotation:skip-return", "302 404 404 404 404 302 404", bens),
    Row("GET", "annotation:break", "302 404 403 403 403 200 403", opened),
    Row("POST", "annotation:break", "302 404 403 403 403 302 403", opened),
    Row("GET", "annotation:judgments", PAGE_MANAGERS, opened),
    Row("GET", "annotation:judgment", PAGE_MANAGERS, bens_judgment),
    Row("GET", "annotation:judgment-specimen", PAGE_MANAGERS, bens_judgment),
    Row(
        "POST",
        "annotation:judgment-return",
        PAGE_ACTS,
        bens_judgment,
        body=lambda w: {"text": "Why?"},
    ),
    Row("GET", "annotation:return-reply", "302 404 404 404 404 200 404", returned),
    Row(
        "POST",
        "annotation:return-reply",
        "302 404 404 404 404 302 404",
        returned,
        body=lambda w: {"text": "It stands."},
    ),
    Row("GET", "api:judgment-one", API_MANAGERS, bens_judgment),
    Row(
        "POST",
        "api:judgment-return",
        "401 404 201 201 403 403 403",
        bens_judgment,
        json=lambda w: {"text": "Why four?"},
    ),
    Row("GET", "api:returns", API_MANAGERS, opened),
    Row(
        "POST",
        "api:return-reply",
        "401 404 404 404 404 200 404",
        returned,
        json=lambda w: {"text": "It stands."},
    ),
    Row("GET", "annotation:flag", "302 404 404 404 404 200 404", bens),
    Row(
        "POST",
        "annotation:flag",
        "302 404 404 404 404 302 404",
        bens,
        body=lambda w: {"kind": "broken_item"},
    ),
    Row("GET", "annotation:flags", PAGE_MANAGERS, opened),
    Row(
        "POST",
        "annotation:flag-answer",
        PAGE_ACTS,
        bens_flag,
        body=lambda w: {"answer": "It is mended."},
    ),
    Row("GET", "annotation:live", PAGE_MANAGERS, opened),
    Row("GET", "annotation:inbox", PAGE_MANAGERS, project),
    Row("GET", "annotation:activity", PAGE_MANAGERS, project),
    Row("GET", "annotation:unit", PAGE_MANAGERS, bens_unit),
    Row("GET", "annotation:unit-specimen", PAGE_MANAGERS, bens_unit),
    Row(
        "POST",
        "annotation:skip-answer",
        PAGE_ACTS,
        bens_skip,
        body=lambda w: {"answer": "It is mended."},
    ),
    Row("GET", "api:progress", API_MANAGERS, opened),
    Row("GET", "api:skips", API_MANAGERS, opened),
    Row("GET", "api:skip-one", API_MANAGERS, bens_skip),
    Row(
        "POST",
        "api:skip-answer",
        API_MANAGERS,
        bens_skip,
        json=lambda w: {"answer": "It is mended."},
    ),
    Row("GET", "api:unit", API_MANAGERS, bens_unit),
    Row("POST", "annotation:flag-seen", "302 404 404 404 404 302 404", bens_flag),
    Row("GET", "api:assignment-flags", "401 404 404 404 404 200 404", bens),
    Row(
        "POST",
        "api:assignment-flags",
        "401 404 404 404 404 201 404",
        bens,
        json=lambda w: {"kind": "broken_item"},
    ),
    Row("GET", "api:flags", API_MANAGERS, opened),
    Row("GET", "api:flag", API_MANAGERS, bens_flag),
    Row(
        "POST",
        "api:flag-answer",
        API_MANAGERS,
        bens_flag,
        json=lambda w: {"answer": "It is mended."},
    ),
    Row("GET", "api:datasets", API_MANAGERS, project),
    Row(
        "POST",
        "api:datasets",
        "401 404 201 201 403 403 403",
        project,
        json=lambda w: {"name": "New"},
    ),
    Row("GET", "api:dataset", API_MANAGERS, dataset),
    Row("DELETE", "api:dataset", "401 404 204 204 403 403 403", dataset),
    Row("GET", "api:items", API_MANAGERS, dataset),
    Row(
        "POST",
        "api:import",
        API_MANAGERS,
        dataset,
        json=lambda w: ndjson(records(2)),
        content_type="application/x-ndjson",
    ),
    Row("GET", "api:imports", API_MANAGERS, dataset),
    Row("GET", "api:leaks", API_MANAGERS, dataset),
    Row(
        "POST",
        "api:leaks-decision",
        API_MANAGERS,
        dataset,
        json=lambda w: {"state": "masked", "all": True},
    ),
    Row("DELETE", "api:import-one", "401 404 204 204 403 403 403", imported),
    Row("GET", "api:batches", "401 404 200 200 200 200 200", project),
    Row("POST", "api:batches", "401 404 201 201 403 403 403", project, json=new_batch),
    Row("GET", "api:batch", API_MANAGERS, opened),
    Row("PATCH", "api:batch", API_MANAGERS, opened, json=lambda w: {"overlap": 1}),
    Row("DELETE", "api:batch", "401 404 204 204 403 403 403", draft),
    Row("GET", "api:units", API_MANAGERS, opened),
    Row(
        "POST",
        "api:units",
        "401 404 201 201 403 403 403",
        opened,
        json=lambda w: {"pairs": "all"},
    ),
    Row("GET", "api:rubric-batches", API_MANAGERS, rubric),
    Row("GET", "api:rubric-stale", API_MANAGERS, rubric),
    Row("POST", "api:batch-rubric-version", API_MANAGERS, draft, json=its_version),
    Row(  # Nothing in it is stale.
        "POST",
        "api:batch-relabel",
        "401 404 409 409 403 403 403",
        draft,
        json=its_version,
    ),
    Row("POST", "api:batch-open", API_MANAGERS, draft),
    Row("POST", "api:batch-pause", API_MANAGERS, opened),
    Row("POST", "api:batch-close", API_MANAGERS, opened),
    Row("POST", "api:batch-archive", API_MANAGERS, draft),
    Row("POST", "api:batch-release", API_MANAGERS, opened, json=lambda w: {}),
    Row("GET", "api:batch-reassign", API_MANAGERS, opened),
    Row(
        "POST",
        "api:batch-reassign",
        API_MANAGERS,
        opened,
        json=lambda w: {"from": "ben@example.org"},
    ),
    Row("POST", "api:batch-share-out", "401 404 409 409 403 403 403", opened),
    Row(
        "POST",
        "api:unit-withdrawal",
        API_MANAGERS,
        unit,
        json=lambda w: {"reason": "Broken."},
    ),
    Row("DELETE", "api:unit-withdrawal", API_MANAGERS, unit),
    Row("POST", "api:next", "401 404 403 403 403 200 403", opened),
    Row("GET", "api:training", "401 404 403 403 403 200 403", staged),
    Row("POST", "api:training", "401 404 403 403 403 200 403", staged),
    Row("GET", "api:admissions", API_MANAGERS, staged),
    Row(
        "POST",
        "api:admissions",
        API_MANAGERS,
        staged,
        json=lambda w: {"annotator": "ben@example.org"},
    ),
    Row("GET", "api:calibration", API_MANAGERS, staged),
    Row(
        "POST",
        "api:calibration",
        API_MANAGERS,
        staged,
        json=lambda w: {"stage": "discussion"},
    ),
    Row("GET", "api:judgments", API_MANAGERS, opened),
    Row(
        "POST",
        "api:judgments",
        API_MANAGERS,
        opened,
        json=lambda w: ndjson(
            [
                {
                    "annotator": "cleo@example.org",
                    "output": "q1/wren",
                    "answers": {"accuracy": 2, "fluent": False},
                }
            ]
        ),
        content_type="application/x-ndjson",
    ),
    Row("GET", "api:judgments-ndjson", API_MANAGERS, opened),
    Row("GET", "api:judgments-csv", API_MANAGERS, opened),
    Row("GET", "api:judgments-xlsx", API_MANAGERS, opened),
    Row("GET", "api:agreement", "401 404 200 200 200 403 200", opened),
    Row("GET", "api:assignment", "401 404 404 404 404 200 404", bens),
    Row("POST", "api:renew", "401 404 404 404 404 200 404", bens),
    Row(
        "PUT",
        "api:draft",
        "401 404 404 404 404 200 404",
        bens,
        json=lambda w: {"answers": GOOD, "version": 0},
    ),
    Row(
        "POST",
        "api:judgment",
        "401 404 404 404 404 201 404",
        bens,
        json=lambda w: {"answers": GOOD},
    ),
    Row(
        "POST",
        "api:skip",
        "401 404 404 404 404 200 404",
        bens,
        json=lambda w: {"reason": "Broken."},
    ),
]
