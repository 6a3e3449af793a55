"""One project in which every page of the product has something true to show.

`make_world(words)` builds it through our own actions. Every text that a person or a
program writes comes from `words(field)`: tests/browser/ordinary.py has what people
would write, tests/browser/hostile.py what an attacker would.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from PIL import Image, ImageDraw

from accounts.actions.groups import make_group
from accounts.actions.invitations import invite
from accounts.actions.members import add_member
from accounts.actions.people import create_person
from accounts.actions.projects import create_project
from accounts.actions.tokens import make_token
from accounts.models import Invitation, Project, Role, User
from accounts.permissions import Principal
from annotation.access import assignment_for
from annotation.actions.batches import create_batch
from annotation.actions.calibration import Round, add_comment, move_calibration
from annotation.actions.changing import change_batch, move_batch
from annotation.actions.claiming import take_next
from annotation.actions.datasets import create_dataset
from annotation.actions.flags import answer_flag, raise_flag
from annotation.actions.importing import import_outputs
from annotation.actions.judging import output_ids, save_draft, skip, submit_judgment
from annotation.actions.leaks import decide_leaks
from annotation.actions.media import set_hosts, store_media
from annotation.actions.training import Training, TrainingItem
from annotation.actions.units import Selection
from annotation.answers.reading import read_answers
from annotation.answers.stored import texts_of
from annotation.content.places import text_shown
from annotation.importing.readers import Row
from annotation.models import (
    Assignment,
    Batch,
    Dataset,
    Flag,
    IdentityLeak,
    Judgment,
    Media,
    Unit,
    UnitOutput,
)
from exports.actions import build_release, request_release
from exports.models import GoldRelease
from jobs.models import Job, State
from rubrics.actions import create_rubric
from rubrics.instrument import Question, published_instrument
from rubrics.models import Kind, RubricVersion
from rubrics.shape import read_criteria
from tests.browser.ordinary import KINDS

Words = Callable[[str], str]
SYSTEMS = 4
DAYS = 9
# Ben judges so many at least before he keeps one in hand; 40 is more than there are.
FEWEST, LONG_ENOUGH = 3, 40


@dataclass
class World:
    """The people by first name, and whatever a screen's address needs."""

    words: Words
    project: Project = field(init=False)
    people: dict[str, User] = field(default_factory=dict)
    versions: dict[str, RubricVersion] = field(default_factory=dict)
    batches: dict[str, Batch] = field(default_factory=dict)
    in_hand: dict[str, Assignment] = field(default_factory=dict)
    done: dict[str, Assignment] = field(default_factory=dict)
    flags: dict[str, Flag] = field(default_factory=dict)
    dataset: Dataset = field(init=False)
    photographs: Dataset = field(init=False)
    media: Media = field(init=False)
    draft_version: RubricVersion = field(init=False)
    invitation: Invitation = field(init=False)
    invitation_secret: str = ""
    release: GoldRelease = field(init=False)
    job: Job = field(init=False)
    chance: random.Random = field(default_factory=lambda: random.Random(7))

    @property
    def experts(self) -> list[User]:
        return [
            self.people[name]
            for name in ("ben", "cleo", "finn", "gwen", "hugo", "iris")
        ]


PEOPLE = {
    "olga": Role.OWNER,
    "ada": Role.MANAGER,
    "ben": Role.ANNOTATOR,
    "cleo": Role.ANNOTATOR,
    "dov": Role.ADJUDICATOR,
    "vic": Role.VIEWER,
    "sam": None,
    "finn": Role.ANNOTATOR,
    "gwen": Role.ANNOTATOR,
    "hugo": Role.ANNOTATOR,
    "iris": Role.ANNOTATOR,
}


def make_world(words: Words) -> World:
    """Build it in one transaction; what the workers would do is done here and now."""
    world = World(words)
    with transaction.atomic():
        make_people(world)
        make_data(world)
        make_rubrics(world)
        make_batches(world)
        world.in_hand["covered"] = warned_unit(world)
        for name in ("scoring", "pairs", "sides", "ranking", "every"):
            work_on(world, name)
        finish_a_batch(world)
        train_somebody(world)
        calibrate(world)
        tell_the_manager(world)
        lend_keys(world)
        release_gold(world)
        date_back(world)
    return world


# --- People and data ------------------------------------------------------------------


def make_people(world: World) -> None:
    words = world.words
    for name, role in PEOPLE.items():
        world.people[name] = create_person(
            email=f"{name}@fernhill.example",
            name=words("person")[:150],
            password="a long enough passphrase",
            by=None,
            site_admin=role is None,
        )
    olga = world.people["olga"]
    world.project = create_project(name=words("project"), by=olga)
    world.project.note = words("project_note")
    world.project.save(update_fields=["note"])
    for name, role in PEOPLE.items():
        if role and name != "olga":
            member = world.people[name]
            add_member(project=world.project, user=member, role=role, by=olga)
    annotating = world.project.memberships.filter(role=Role.ANNOTATOR)
    make_group(
        project=world.project, name=words("group"), members=list(annotating), by=olga
    )


def photograph() -> bytes:
    """A shelf of books, drawn here."""
    chance = random.Random(910)
    picture = Image.new("RGB", (720, 405), "#d8c7a9")
    pen = ImageDraw.Draw(picture)
    colours = ["#7a3b2e", "#2f4f4f", "#c08a3e", "#3b5b7a", "#6b705c", "#a44a3f"]
    for shelf in (200, 385):
        left = 12
        while left < 690:
            width, height = chance.randint(16, 38), chance.randint(105, 165)
            box = (left, shelf - height, left + width, shelf)
            pen.rectangle(box, fill=chance.choice(colours))
            left += width + 2
        pen.rectangle((0, shelf, 720, shelf + 14), fill="#8a6f4d")
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def make_data(world: World) -> None:
    words, ada = world.words, world.people["ada"]
    host = "photos.fernhill.example"
    set_hosts(project=world.project, hosts=[host], by=world.people["olga"])
    world.media, _ = store_media(
        project=world.project,
        file=io.BytesIO(photograph()),
        by=ada,
        name=words("media_name"),
    )
    systems = [words("system") for _ in range(SYSTEMS)]
    world.dataset = create_dataset(project=world.project, name=words("dataset"), by=ada)
    questions = [item(world, kind, systems) for kind in KINDS]
    bring_in(world, world.dataset, [*questions, conversation(world, systems)])
    world.photographs = create_dataset(
        project=world.project, name=words("dataset"), by=ada
    )
    bring_in(world, world.photographs, [with_picture(world, systems, host)])
    open_leaks = IdentityLeak.objects.filter(output__dataset=world.dataset)
    masked = open_leaks.order_by("pk")[:1]
    if masked:
        chosen = open_leaks.filter(pk=masked[0].pk)
        decide_leaks(dataset=world.dataset, leaks=chosen, state="masked", by=ada)


def bring_in(world: World, dataset: Dataset, rows: list[dict[str, Any]]) -> None:
    counts = import_outputs(
        dataset=dataset,
        rows=[Row(number, row) for number, row in enumerate(rows, start=1)],
        by=world.people["ada"],
        source=world.words("source"),
    )
    assert counts.rejected == 0, counts.errors


def item(world: World, kind: str, systems: list[str]) -> dict[str, Any]:
    words = world.words
    row = {
        "id": f"{kind}-{words('item_id')}"[:200],
        "input": words(f"input:{kind}"),
        "context": [
            {"title": words("document_title"), "content": words("document")}
            for _ in range(4 if kind == "markdown" else 2)
        ],
        "reference": words("reference"),
        "segments": {words("segment_name")[:60]: words("segment_value")},
        "metadata": {"note": words("metadata")},
        "outputs": [
            {
                "id": f"{kind}-{place}-{words('output_id')}"[:250],
                "system": system,
                "content": words(f"output:{kind}"),
                "metadata": {"note": words("metadata")},
            }
            for place, system in enumerate(systems)
        ],
    }
    return row | ({"warning": words("warning")} if kind == "warned" else {})


def conversation(world: World, systems: list[str]) -> dict[str, Any]:
    words = world.words
    call = {
        "id": "call-1",
        "type": "function",
        "function": {
            "name": words("tool"),
            "arguments": {words("tool_argument"): words("tool_value")},
        },
    }
    return {
        "id": f"chat-{words('item_id')}"[:200],
        "input": [
            {"role": "user", "content": words("turn")},
            {"role": "assistant", "content": words("turn"), "tool_calls": [call]},
            {
                "role": "tool",
                "tool_call_id": "call-1",
                "content": words("tool_result"),
            },
            {"role": "assistant", "content": words("turn")},
            {"role": "user", "content": words("turn")},
        ],
        "outputs": [
            {
                "id": f"chat-{place}-{words('output_id')}"[:250],
                "system": system,
                "content": [{"role": "assistant", "content": words("answer_turn")}],
            }
            for place, system in enumerate(systems)
        ],
    }


def with_picture(world: World, systems: list[str], host: str) -> dict[str, Any]:
    words = world.words
    return {
        "id": f"shelf-{words('item_id')}"[:200],
        "input": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": words("turn")},
                    {
                        "type": "image",
                        "url": f"media:{world.media.pk}",
                        "alt": words("alt"),
                    },
                    {"type": "image", "url": f"https://{host}/2.png"},
                ],
            }
        ],
        "outputs": [
            {
                "id": f"shelf-{place}-{words('output_id')}"[:250],
                "system": system,
                "content": words("answer_turn"),
            }
            for place, system in enumerate(systems)
        ],
    }


# --- Rubrics --------------------------------------------------------------------------


def question(world: World, key: str, kind: str, **more: Any) -> dict[str, Any]:
    scale = {"kind": kind, **more.pop("scale", {})}
    asked = world.words("question_of")
    return {"key": key, "question": asked, "scale": scale, **more}


def steps(world: World) -> dict[str, Any]:
    words = world.words
    return {
        "levels": [
            {"value": value, "label": words("label"), "anchor": words("anchor")}
            for value in range(1, 6)
        ]
    }


def make_rubrics(world: World) -> None:
    words = world.words
    quality = [
        question(
            world,
            "true",
            "ordinal",
            scale=steps(world),
            help=words("help"),
            rationale="below:3",
            evidence="optional",
            allow_cannot_judge=True,
            weight=3,
        ),
        question(world, "complete", "ordinal", scale=steps(world)),
        question(world, "sendable", "binary"),
        question(world, "remark", "text", required=False),
    ]
    preference = [question(world, "overall", "preference", rationale="optional")]
    both = [
        question(world, "true", "ordinal", scale=steps(world)),
        question(world, "overall", "preference", scale={"strength": True}),
    ]
    order = [question(world, "order", "ranking", help=words("help"))]
    tones = [{"value": words("level"), "label": words("level")} for _ in range(3)]
    flaws = [{"value": words("flaw"), "anchor": words("flaw_anchor")} for _ in range(3)]
    every = [
        question(world, "right", "binary", evidence="required", rationale="required"),
        question(
            world,
            "tone",
            "nominal",
            scale={"levels": distinct(tones)},
            allow_not_applicable=True,
        ),
        question(world, "flaws", "multiple", scale={"levels": distinct(flaws)}),
        question(
            world, "grade", "ordinal", scale=steps(world), allow_cannot_judge=True
        ),
        question(
            world,
            "minutes",
            "numeric",
            scale={"min": 0, "max": 60, "step": 5, "unit": words("measure")[:30]},
        ),
        question(world, "remark", "text", rationale="none"),
        question(world, "clearer", "preference", scale={"strength": True}),
        question(world, "order", "ranking"),
        question(world, "both", "binary", target="comparison", evidence="optional"),
    ]
    for name, criteria in {
        "quality": quality,
        "preference": preference,
        "both": both,
        "order": order,
        "every": every,
    }.items():
        world.versions[name] = rubric(world, criteria, publish=True)
    world.draft_version = rubric(
        world, [question(world, "tone", "ordinal", scale=steps(world))], publish=False
    )


def distinct(levels: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Values of a scale differ; hostile words may come twice."""
    for place, level in enumerate(levels):
        same = [one for one in levels[:place] if one["value"] == level["value"]]
        level["value"] = f"{level['value'][:90]} {place}" if same else level["value"]
    return levels


def rubric(
    world: World, criteria: list[dict[str, Any]], *, publish: bool
) -> RubricVersion:
    version: RubricVersion = create_rubric(
        project=world.project,
        name=world.words("rubric"),
        criteria=read_criteria(criteria),
        by=world.people["ada"],
        publish=publish,
    )
    return version


# --- Batches and work -----------------------------------------------------------------


def make_batches(world: World) -> None:
    first = [row.external_id for row in world.dataset.outputs.order_by("pk")]
    known = first[::SYSTEMS]
    right = {"true": 4, "complete": 4, "sendable": True}
    training = Training(
        pass_mark=0.5,
        attempts=2,
        items=[
            TrainingItem([name], right, {"true": world.words("explanation")})
            for name in known[:3]
        ],
    )
    make = [
        ("scoring", "quality", "scoring", Selection()),
        ("pairs", "preference", "pairwise", Selection(pairs="chain")),
        ("sides", "both", "pairwise", Selection(pairs="chain")),
        ("ranking", "order", "ranking", Selection()),
        ("every", "every", "pairwise", Selection(pairs="random")),
        ("draft", "quality", "scoring", Selection(sample=12)),
        ("closed", "quality", "scoring", Selection(sample=10)),
        ("training", "quality", "scoring", Selection(sample=12)),
        ("calibration", "quality", "scoring", Selection(sample=12)),
    ]
    for name, version, layout, selection in make:
        more: dict[str, Any] = {}
        if name in ("training", "draft"):
            more["training"] = training
        if name in ("calibration", "draft"):
            more["calibration"] = Round(2)
        if name == "scoring":
            more["due_at"] = timezone.now() + timedelta(days=6)
        world.batches[name], _, _ = create_batch(
            project=world.project,
            dataset=world.dataset,
            rubric_version=world.versions[version],
            name=world.words("batch"),
            layout=layout,
            overlap=3,
            annotators=world.experts,
            selection=selection,
            by=world.people["ada"],
            guidelines=world.words("guidelines"),
            seed=11,
            **more,
        )
        if name != "draft":
            move_batch(batch=world.batches[name], to="open", by=world.people["ada"])
        if name != "training":
            world.batches[name].members.update(guidelines_read_at=timezone.now())


def work_on(world: World, name: str) -> None:
    """Cleo and Finn judge a few; Ben too, until what he should show is in his hand."""
    batch = world.batches[name]
    for expert in world.experts[1:3]:
        for _ in range(4):
            judge(world, expert, batch)
    ben = world.people["ben"]
    for number in range(LONG_ENOUGH):
        mine = take(ben, batch)
        assert mine is not None
        if name == "every" and number == 0:
            pass_over(world, ben, mine)
        elif not is_about(mine, "markdown"):
            submit(world, ben, mine)
        elif number < FEWEST:
            put_off(ben, mine)
        else:
            break
    world.in_hand[name] = mine
    world.done[name] = latest(ben, batch)


def warned_unit(world: World) -> Assignment:
    """Iris's, before anybody has taken places: she passes by every other item once."""
    iris = world.people["iris"]
    for _ in range(LONG_ENOUGH):
        mine: Assignment = take(iris, world.batches["ranking"])
        if is_about(mine, "warned"):
            return mine
        put_off(iris, mine)
    raise AssertionError("No item has a warning.")


def is_about(mine: Assignment, kind: str) -> bool:
    return mine.unit.item.external_id.startswith(kind)


def pass_over(world: World, user: User, mine: Assignment) -> None:
    assignment = assignment_for(Principal(user), mine.pk)
    skip(assignment=assignment, reason=f"Something else. {world.words('reason')}"[:500])


def put_off(user: User, mine: Assignment) -> None:
    """Skip it so that it comes back at the end."""
    assignment = assignment_for(Principal(user), mine.pk)
    skip(assignment=assignment, reason="Something else.", later=True)


def latest(user: User, batch: Batch) -> Assignment:
    mine = Assignment.objects.filter(annotator=user, batch=batch, state="submitted")
    return mine.order_by("-submitted_at", "-pk")[0]


def take(user: User, batch: Batch) -> Any:
    return take_next(batch_id=batch.pk, principal=Principal(user))


def judge(world: World, user: User, batch: Batch) -> Assignment | None:
    mine: Assignment | None = take(user, batch)
    if mine is not None:
        submit(world, user, mine)
    return mine


def submit(world: World, user: User, mine: Assignment, **more: Any) -> Judgment:
    """Answer every question of the unit, with words and marks where they may stand."""
    assignment = assignment_for(Principal(user), mine.pk)
    instrument = published_instrument(assignment.batch.rubric_version_id)
    sides = "ABCDEFGH"[: len(assignment.side_order)]
    answers: dict[str, Any] = {}
    rationales: dict[str, Any] = {}
    spans: dict[str, Any] = {}
    for one in instrument:
        ends = sides if one.of_each_output else ""
        if ends:
            answers[one.key] = {side: value(world, one, sides) for side in ends}
        else:
            answers[one.key] = value(world, one, sides)
        if one.rationale_rule != "none":
            said = world.words("rationale")
            rationales[one.key] = dict.fromkeys(ends, said) if ends else said
        if one.evidence != "none":
            spans[one.key] = dict(marks(assignment, sides))
    submission = submit_judgment(
        assignment=assignment,
        answers=read_answers(
            instrument,
            answers,
            rationales,
            spans,
            side_order=assignment.side_order,
            texts=texts_of(assignment),
        ),
        outputs=output_ids(assignment),
        note=world.words("note") if world.chance.random() < 0.4 else "",
        elapsed_ms=world.chance.randint(20_000, 160_000),
        **more,
    )
    return submission.judgment


def marks(
    assignment: Assignment, sides: str
) -> Iterator[tuple[str, list[dict[str, int]]]]:
    rows = list(UnitOutput.objects.filter(unit=assignment.unit_id).order_by("position"))
    for side, place in zip(sides, assignment.side_order, strict=True):
        text = text_shown(rows[place].output)
        end = text.find(" ", 24)
        yield side, [{"start": 0, "end": end if end > 0 else len(text)}]


def value(world: World, one: Question, sides: str) -> Any:
    """An answer that experts would give who mostly agree."""
    chance = world.chance
    if one.kind == Kind.BINARY:
        return chance.random() < 0.7
    if one.kind == Kind.NOMINAL:
        return chance.choice(one.steps).value
    if one.kind == Kind.MULTIPLE:
        return [one.steps[0].value, one.steps[-1].value]
    if one.kind == Kind.ORDINAL:
        return chance.choice([4, 4, 4, 5, 5, 3, 2])
    if one.kind == Kind.NUMERIC:
        return chance.choice([5, 10, 25])
    if one.kind == Kind.TEXT:
        return world.words("answer")
    if one.kind == Kind.RANKING:
        return [[sides[0], sides[1]], *sides[2:]]
    choice = chance.choice("AAB")
    return {"choice": choice, "strength": 2} if one.with_strength else choice


def finish_a_batch(world: World) -> None:
    """Three experts judge all of it; then it is closed."""
    batch = world.batches["closed"]
    quality = {
        unit.pk: world.chance.choice([5, 5, 4, 4, 2, 1]) for unit in batch.units.all()
    }
    for expert in world.experts[:3]:
        while (mine := take(expert, batch)) is not None:
            submit(world, expert, mine)
            judgment = Judgment.objects.current().get(assignment=mine)
            agree(world, judgment, quality[mine.unit_id])
    move_batch(batch=batch, to="closed", by=world.people["ada"])


def agree(world: World, judgment: Judgment, good: int) -> None:
    """Move graded answers near what the output deserves: experts are not dice."""
    for answer in judgment.answers.select_related("criterion"):
        if answer.criterion.kind == Kind.ORDINAL:
            near = max(1, min(5, good + world.chance.choice([0, 0, 0, 0, 1, -1])))
            answer.level = answer.criterion.levels.get(number=near)
            answer.save(update_fields=["level"])


def tell_the_manager(world: World) -> None:
    """Ben skips, flags, revises and leaves a draft; the manager has answered once."""
    words, ben, ada = world.words, world.people["ben"], world.people["ada"]
    in_hand = world.in_hand["scoring"]
    answered = raise_flag(
        assignment=world.done["scoring"], kind="broken_item", text=words("flag")
    ).flag
    answer_flag(flag=answered, answer=words("flag_answer"), by=ada)
    waiting = raise_flag(
        assignment=in_hand, kind="unclear_rubric", text=words("flag")
    ).flag
    world.flags = {"answered": answered, "waiting": waiting}
    cleo = world.people["cleo"]
    hers = take(cleo, world.batches["scoring"])
    assert hers is not None
    raise_flag(assignment=hers, kind="harmful_content", text=words("flag"))
    pass_over(world, cleo, hers)
    mine = assignment_for(Principal(ben), world.done["scoring"].pk)
    current = mine.judgments.current().get()
    submit(world, ben, mine, supersedes=current.pk)
    draft = {
        "answers": {"true": {"A": 4}, "complete": {"A": 3}},
        "rationales": {"true": {"A": words("rationale")}},
        "note": words("note"),
    }
    save_draft(
        assignment=assignment_for(Principal(ben), in_hand.pk), draft=draft, version=0
    )


# --- Before the work ------------------------------------------------------------------


def train_somebody(world: World) -> None:
    """Ben has read and answered one item; Cleo has failed once; Finn has passed."""
    batch = world.batches["training"]
    batch.members.exclude(user=world.people["iris"]).update(
        guidelines_read_at=timezone.now()
    )
    world.done["training"] = train(world, "ben", batch, good=True)
    for _ in range(3):
        train(world, "cleo", batch, good=False)
        train(world, "finn", batch, good=True)
    world.done["failed"] = latest(world.people["cleo"], batch)
    world.done["passed"] = latest(world.people["finn"], batch)


def train(world: World, name: str, batch: Batch, *, good: bool) -> Assignment:
    mine: Assignment = take(world.people[name], batch)
    assert mine is not None
    assignment = assignment_for(Principal(world.people[name]), mine.pk)
    level = 4 if good else 1
    submit_judgment(
        assignment=assignment,
        answers=read_answers(
            published_instrument(batch.rubric_version_id),
            {"true": level, "complete": level - good, "sendable": good},
            {"true": world.words("rationale")},
            side_order=assignment.side_order,
            texts=texts_of(assignment),
        ),
        outputs=output_ids(assignment),
    )
    return mine


def calibrate(world: World) -> None:
    batch, ada = world.batches["calibration"], world.people["ada"]
    for expert in world.experts:
        for _ in range(2):
            judge(world, expert, batch)
    move_calibration(batch=batch, to="discussion", by=ada)
    units = Unit.objects.filter(batch=batch, kind="calibration").order_by("place")
    for unit in units:
        for who in ("ada", "ben", "cleo"):
            add_comment(unit=unit, by=world.people[who], text=world.words("comment"))
    change_batch(batch=batch, by=ada, guidelines=world.words("new_guidelines"))


# --- Keys, gold and time --------------------------------------------------------------


def lend_keys(world: World) -> None:
    words = world.words
    for name in ("ada", "ben"):
        make_token(
            user=world.people[name],
            by=world.people[name],
            project=world.project,
            name=words("token")[:100],
        )
    world.invitation, world.invitation_secret = invite(
        project=world.project,
        email="nora@fernhill.example",
        role=Role.ANNOTATOR,
        by=world.people["ada"],
    )


def release_gold(world: World) -> None:
    world.release = request_release(
        project=world.project,
        batches=[world.batches["closed"]],
        rule="majority",
        by=world.people["ada"],
    )
    build_release(world.release, lambda done, total=None, message="": None)
    world.release.refresh_from_db()
    jobs = Job.objects.filter(project=world.project)
    now = timezone.now()
    jobs.update(state=State.DONE, finished_at=now)
    world.job = jobs.order_by("pk")[0]


def date_back(world: World) -> None:
    """Spread Ben's work over some days, so that his weeks are not one bar."""
    mine: Sequence[Assignment] = list(
        Assignment.objects.filter(
            annotator=world.people["ben"], state="submitted"
        ).order_by("submitted_at", "pk")
    )
    for place, one in enumerate(mine[:-6]):
        ago = timedelta(days=DAYS - place * DAYS // len(mine))
        Assignment.objects.filter(pk=one.pk).update(
            submitted_at=F("submitted_at") - ago
        )
