"""Things made for the tests of annotation; the access table asks for them by name.

`dataset` holds six items with two outputs each; `open_batch` gives them to Ben and
Cleo one by one, `pair_batch` in pairs, `mixed_batch` in pairs with both kinds of
question; `make_batch(...)` makes any other.
"""

from __future__ import annotations

import fcntl
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Project, User
from accounts.permissions import Principal
from annotation.actions.batches import create_batch
from annotation.actions.calibration import Round
from annotation.actions.changing import move_batch
from annotation.actions.claiming import take_next
from annotation.actions.datasets import create_dataset
from annotation.actions.flags import raise_flag
from annotation.actions.importing import import_outputs
from annotation.actions.judging import skip
from annotation.actions.media import store_media
from annotation.actions.returning import return_judgment
from annotation.actions.units import Selection
from annotation.importing.readers import Row
from annotation.models import (
    Assignment,
    Batch,
    Dataset,
    Flag,
    Import,
    Media,
    Return,
    Skip,
)
from annotation.reasons import SKIP_REASONS
from rubrics.models import RubricVersion
from tests.annotation.before_work import judge, training
from tests.annotation.media_files import picture
from tests.rubrics.fixtures import HELPFULNESS, OVERALL, published

SYSTEMS = ("heron", "wren")


@pytest.fixture
def many_connections(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One such test at a time, in whichever worker: PostgreSQL lends 100 in all."""
    lock = tmp_path_factory.getbasetemp().parent / "many-connections.lock"
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def records(items: int, systems: tuple[str, ...] = SYSTEMS) -> list[dict[str, Any]]:
    return [
        {
            "id": f"q{number}",
            "input": f"Question {number}?",
            "context": [{"title": "Notes", "content": f"Fact {number}."}],
            "segments": {"parity": "even" if number % 2 == 0 else "odd"},
            "outputs": [
                {
                    "id": f"q{number}/{system}",
                    "system": system,
                    "content": f"Answer {number} in the words of number {place}.",
                }
                for place, system in enumerate(systems)
            ],
        }
        for number in range(items)
    ]


def ndjson(rows: list[Any]) -> str:
    return "\n".join(json.dumps(row) for row in rows)


@pytest.fixture
def make_dataset(project: Project, ada: User) -> Callable[..., Dataset]:
    """make_dataset(items=6): a dataset of so many items with two outputs each."""

    def make(items: int = 6, name: str = "Questions", **more: Any) -> Dataset:
        dataset = create_dataset(project=project, name=name, by=ada)
        rows = [Row(n, r) for n, r in enumerate(records(items, **more), start=1)]
        import_outputs(dataset=dataset, rows=rows, by=ada, source="questions.jsonl")
        return dataset

    return make


@pytest.fixture
def dataset(make_dataset: Callable[..., Dataset]) -> Dataset:
    return make_dataset()


@pytest.fixture
def imported(dataset: Dataset) -> Import:
    return dataset.imports.get()


@pytest.fixture
def make_batch(
    project: Project, ada: User, ben: User, cleo: User
) -> Callable[..., Batch]:
    """make_batch(dataset, version, layout=…, overlap=…): open, with Ben and Cleo.

    Its annotators have read the guidelines, unless they are `newcomers`.
    """

    def make(
        dataset: Dataset,
        version: RubricVersion,
        *,
        layout: str = "scoring",
        overlap: int = 2,
        annotators: list[User] | None = None,
        open: bool = True,
        name: str = "",
        selection: Selection | None = None,
        newcomers: bool = False,
        **more: Any,
    ) -> Batch:
        batch, _, _ = create_batch(
            project=project,
            dataset=dataset,
            rubric_version=version,
            name=name or f"Batch of {version} {layout}",
            layout=layout,
            overlap=overlap,
            annotators=annotators or [ben, cleo],
            selection=selection or Selection(),
            by=ada,
            **more,
        )
        if not newcomers:
            batch.members.update(guidelines_read_at=timezone.now())
        if open:
            move_batch(batch=batch, to="open", by=ada)
        return batch

    return make


@pytest.fixture
def draft_batch(
    make_batch: Callable[..., Batch], dataset: Dataset, rubric_version: RubricVersion
) -> Batch:
    return make_batch(dataset, rubric_version, open=False)


@pytest.fixture
def open_batch(
    make_batch: Callable[..., Batch], dataset: Dataset, rubric_version: RubricVersion
) -> Batch:
    return make_batch(dataset, rubric_version)


@pytest.fixture
def pair_batch(
    make_batch: Callable[..., Batch], dataset: Dataset, pairwise_version: RubricVersion
) -> Batch:
    return make_batch(dataset, pairwise_version, layout="pairwise")


@pytest.fixture
def staged_draft(
    make_batch: Callable[..., Batch], dataset: Dataset, rubric_version: RubricVersion
) -> Batch:
    """A draft with one training item."""
    return make_batch(
        dataset, rubric_version, training=training(1), open=False, name="Staged draft"
    )


@pytest.fixture
def staged_batch(
    make_batch: Callable[..., Batch], dataset: Dataset, rubric_version: RubricVersion
) -> Batch:
    """Open: one training item, one calibration unit, then the pool."""
    return make_batch(
        dataset,
        rubric_version,
        training=training(1),
        calibration=Round(1),
        name="Staged",
    )


@pytest.fixture
def trained_assignment(staged_batch: Batch, ben: User) -> Assignment:
    """Ben's answer to the training item."""
    return judge(ben, staged_batch)


@pytest.fixture
def claim() -> Callable[..., Assignment | None]:
    """claim(ben, batch): Ben's next unit."""

    def make(user: User, batch: Batch, **more: Any) -> Assignment | None:
        return take_next(batch_id=batch.pk, principal=Principal(user), **more)

    return make


@pytest.fixture
def assignment(
    open_batch: Batch, ben: User, claim: Callable[..., Assignment]
) -> Assignment:
    """Ben's assignment in the open batch."""
    return claim(ben, open_batch)


@pytest.fixture
def flag(assignment: Assignment) -> Flag:
    """Ben's flag on his assignment: the item is broken."""
    raised = raise_flag(assignment=assignment, kind="broken_item", text="No prompt.")
    return raised.flag


@pytest.fixture
def returned(open_batch: Batch, ben: User, ada: User) -> Return:
    """Ben's judgment, which Ada sent back with a question."""
    answers = {"accuracy": {"A": 4}, "fluent": {"A": True}}
    mine = judge(ben, open_batch, answers)
    return return_judgment(assignment=mine, text="Why four?", by=ada)


@pytest.fixture
def skipped(assignment: Assignment) -> Skip:
    """Ben's skip of his assignment: he does not know enough about it."""
    skip(assignment=assignment, reason=SKIP_REASONS[0])
    return Skip.objects.get(assignment=assignment)


@pytest.fixture
def mixed_version(project: Project, ada: User) -> RubricVersion:
    """Published: accuracy of each output (1 to 5), and which one is better overall."""
    criteria = [HELPFULNESS[0], OVERALL | {"scale": {"kind": "preference"}}]
    return published(project, ada, "Both kinds", criteria)


@pytest.fixture
def mixed_batch(
    make_batch: Callable[..., Batch], dataset: Dataset, mixed_version: RubricVersion
) -> Batch:
    """Pairs of which each output is scored, and the two are compared."""
    return make_batch(dataset, mixed_version, layout="pairwise")


@pytest.fixture
def blank(project: Project, ada: User) -> Dataset:
    """A dataset that holds nothing yet."""
    return create_dataset(project=project, name="Blank", by=ada)


@pytest.fixture
def send(
    blank: Dataset, ada: User, api: Callable[..., Client]
) -> Callable[..., dict[str, Any]]:
    """send(rows or bytes, "text/csv", on_change="update"): Ada imports into `blank`.

    Returns the answer's JSON with its `status`.
    """
    client = api(ada)
    client.raise_request_exception = False

    def post(
        body: Any,
        content_type: str = "application/x-ndjson",
        *,
        into: Dataset = blank,
        headers: dict[str, str] | None = None,
        **query: Any,
    ) -> dict[str, Any]:
        if isinstance(body, list):
            body = ndjson(body)
        response = client.post(
            f"/api/v1/datasets/{into.pk}/import",
            body,
            content_type=content_type,
            headers=headers,
            query_params=query,
        )
        return {"status": response.status_code, **json.loads(response.content)}

    return post


EVERY_KIND: list[dict[str, Any]] = [
    {"key": "ok", "question": "Is it right?", "scale": {"kind": "binary"}},
    {
        "key": "tone",
        "question": "Which tone?",
        "scale": {"kind": "nominal", "levels": [{"value": "warm"}, {"value": "cold"}]},
        "allow_not_applicable": True,
        "allow_cannot_judge": True,
    },
    {
        "key": "flaws",
        "question": "Which flaws?",
        "scale": {
            "kind": "multiple",
            "levels": [{"value": "long"}, {"value": "vague"}, {"value": "rude"}],
        },
    },
    {
        "key": "grade",
        "question": "How good?",
        "scale": {
            "kind": "ordinal",
            "levels": [{"value": 1}, {"value": 2}, {"value": 3}],
        },
        "rationale": "below:2",
    },
    {
        "key": "minutes",
        "question": "How long?",
        "scale": {"kind": "numeric", "min": -1, "max": 9, "step": 0.5},
    },
    {
        "key": "free",
        "question": "Any number?",
        "scale": {"kind": "numeric", "step": 0.001},
        "required": False,
    },
    {
        "key": "remark",
        "question": "Anything else?",
        "scale": {"kind": "text"},
        "required": False,
        "rationale": "optional",
    },
    OVERALL | {"scale": {"kind": "preference"}},
    {
        "key": "clarity",
        "question": "Which is clearer, and how much?",
        "scale": {"kind": "preference", "strength": True},
    },
    {"key": "order", "question": "In which order?", "scale": {"kind": "ranking"}},
    {
        "key": "both",
        "question": "Do both answer it?",
        "scale": {"kind": "binary"},
        "target": "comparison",
        "rationale": "required",
    },
]


@pytest.fixture
def every_kind(project: Project, ada: User) -> RubricVersion:
    """Published: a criterion of each kind, of outputs and of both together."""
    return published(project, ada, "Every kind", EVERY_KIND)


@pytest.fixture
def every_batch(
    make_batch: Callable[..., Batch], dataset: Dataset, every_kind: RubricVersion
) -> Batch:
    """Pairs asked every kind of question."""
    return make_batch(dataset, every_kind, layout="pairwise")


@pytest.fixture
def judge_api(api: Callable[..., Client]) -> Callable[..., Any]:
    """judge_api(ben): Ben's calls as (method, name, pk, body, **headers)."""

    def program(user: User) -> Callable[..., Any]:
        client = api(user)
        client.raise_request_exception = False

        def call(method: str, name: str, pk: Any, body: Any = None, **more: Any) -> Any:
            headers = {"Idempotency-Key": more["key"]} if "key" in more else None
            return getattr(client, method)(
                reverse(f"api:{name}", args=[pk]),
                "" if body is None else json.dumps(body),
                content_type="application/json",
                query_params=more.get("query"),
                headers=headers,
            )

        return call

    return program


@pytest.fixture
def media(project: Project, ada: User) -> Media:
    """A small picture that Ada uploaded."""
    stored, _ = store_media(
        project=project, file=io.BytesIO(picture()), by=ada, name="wren-painter.png"
    )
    return stored
