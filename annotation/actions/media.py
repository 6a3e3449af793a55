"""Media: stored once for each content, noted where it is foreign, fetched by a job."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import IO, Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import AuditEvent, Project, User
from annotation.media import store
from annotation.media.fetch import (
    PUBLIC,
    CouldNotFetch,
    Reach,
    fetched,
    host_named,
    host_of_address,
)
from annotation.media.reading import Read, read_media
from annotation.media.refusal import MediaRefused
from annotation.models import Media
from annotation.models.media import MediaState
from config.api import Refused
from config.chunks import chunks
from jobs.actions import start
from jobs.models import Job, State
from jobs.registry import Report

logger = logging.getLogger(__name__)

COULD_NOT_FETCH = "could not fetch"
MOST_HOSTS = 100
NAMES = 1_000


def store_media(
    *,
    project: Project,
    file: IO[bytes],
    by: User | None,
    name: str = "",
    kinds: tuple[str, ...] = (),
) -> tuple[Media, bool]:
    """Keep a file; the same content again is the media that is there.

    Raises MediaRefused (UnknownType, TooBig) for what is not taken. Returns the media
    and whether it is new.
    """
    with read_media(file, kinds=kinds) as read:
        there = uploaded(project, read.sha256)
        if there is not None:
            return healed(there, read), False
        media = Media(
            project=project,
            sha256=read.sha256,
            content_type=read.type.content_type,
            size=read.size,
            name=plain_name(name),
            state=MediaState.READY,
            by=by,
        )
        store.put(read.path, project.pk, media.pk)
        try:
            with transaction.atomic():
                media.save(force_insert=True)
                AuditEvent.objects.record(
                    "media stored",
                    media,
                    by=by,
                    project=project,
                    content_type=media.content_type,
                    sha256=media.sha256,
                )
        except IntegrityError:  # Somebody else was storing the same.
            store.remove(project.pk, media.pk)
            there = uploaded(project, read.sha256)
            if there is None:
                raise
            return there, False
        except BaseException:
            store.remove(project.pk, media.pk)
            raise
        return media, True


def uploaded(project: Project, sha256: str) -> Media | None:
    return Media.objects.filter(project=project, sha256=sha256, source_url="").first()


def healed(media: Media, read: Read) -> Media:
    """Put the file in its place again where it went missing, say by a restore."""
    if not store.path_of(media.project_id, media.pk).exists():
        store.put(read.path, media.project_id, media.pk)
    return media


def plain_name(name: str) -> str:
    """The last part of a file's name, by which managers tell files apart."""
    last = PurePosixPath(name.replace("\\", "/")).name
    return "".join(letter for letter in last if letter.isprintable())[:200]


# --- Addresses elsewhere --------------------------------------------------------------


def note_addresses(*, project: Project, addresses: Iterable[str], by: User) -> None:
    """Remember foreign addresses, to be fetched if the owner allows their host."""
    usable = [one for one in dict.fromkeys(addresses) if host_of_address(one)]
    for piece in chunks(usable, NAMES):
        there = Media.objects.filter(project=project, source_url__in=piece)
        known = set(there.values_list("source_url", flat=True))
        Media.objects.bulk_create(
            (
                Media(project=project, source_url=one, state=MediaState.WAITING, by=by)
                for one in piece
                if one not in known
            ),
            ignore_conflicts=True,  # Another import noted it in this moment.
        )


@transaction.atomic
def set_hosts(*, project: Project, hosts: Iterable[str], by: User) -> Job | None:
    """Let media be fetched from these hosts only; the job that begins to, if any.

    Raises Refused with a sentence for each name that is no host.
    """
    named: list[str] = []
    faults = []
    for text in hosts:
        host = host_named(text)
        if host is None:
            message = (
                f"{text[:100]!r} is no host name. Write it like cdn.example.org: no "
                "https://, no path, no star, no number."
            )
            faults.append({"field": "hosts", "message": message})
        elif host not in named:
            named.append(host)
    if len(named) > MOST_HOSTS:
        faults.append(
            {
                "field": "hosts",
                "message": _("At most %(most_hosts)s hosts.")
                % {"most_hosts": MOST_HOSTS},
            }
        )
    if faults:
        raise Refused(faults[0]["message"], faults)
    project = Project.objects.select_for_update().get(pk=project.pk)
    before = list(project.media_hosts)
    if named != before:
        Project.objects.filter(pk=project.pk).update(media_hosts=named)
        project.media_hosts = named
        AuditEvent.objects.record(
            "media hosts set", project, by=by, project=project, hosts=named, was=before
        )
    return fetch_later(project=project, by=by)


def fetch_later(*, project: Project, by: User) -> Job | None:
    """Queue the fetching of what waits at allowed hosts; None if nothing does."""
    if not project.media_hosts or not any(True for _ in waiting_at_hosts(project)):
        return None
    jobs = Job.objects.filter(project=project, kind="fetch_media", state=State.QUEUED)
    return jobs.first() or start("fetch_media", project=project, by=by, params={})


@transaction.atomic
def try_again(
    *, project: Project, by: User, media_id: UUID | None = None
) -> Job | None:
    """Let what could not be fetched wait for another attempt: one address, or all."""
    failed = Media.objects.filter(project=project, state=MediaState.FAILED)
    if media_id is not None:
        failed = failed.filter(pk=media_id)
    failed.update(state=MediaState.WAITING, error="")
    return fetch_later(project=project, by=by)


def waiting_at_hosts(project: Project) -> Iterable[Media]:
    """Addresses of allowed hosts that nobody has fetched yet."""
    waiting = waiting_media(project)
    hosts = set(project.media_hosts)
    for media in waiting.iterator(chunk_size=1_000):
        if host_of_address(media.source_url) in hosts:
            yield media


def waiting_media(project: Project) -> QuerySet[Media]:
    rows = Media.objects.filter(project=project, state=MediaState.WAITING)
    return rows.exclude(source_url="").order_by("at", "pk")


def fetch_waiting(
    *, project: Project, report: Report | None = None, reach: Reach = PUBLIC
) -> dict[str, Any]:
    """Fetch each waiting address of an allowed host once; safe to run again."""
    waiting = [media.pk for media in waiting_at_hosts(project)]
    counts = {"fetched": 0, "failed": 0}
    for done, pk in enumerate(waiting, start=1):
        # Asked anew: the owner may have taken the host back since.
        media = Media.objects.select_related("project").filter(pk=pk).first()
        if media is None or media.state != MediaState.WAITING:
            continue
        if host_of_address(media.source_url) not in media.project.media_hosts:
            continue
        counts["fetched" if fetch_one(media, reach) else "failed"] += 1
        if report is not None:
            report(done, len(waiting))
    return counts


def fetch_one(media: Media, reach: Reach) -> bool:
    """Fetch one address and keep what it gives; False where that could not be."""
    mine = Media.objects.filter(pk=media.pk, state=MediaState.WAITING)
    hosts = list(media.project.media_hosts)
    try:
        with (
            fetched(media.source_url, hosts=hosts, reach=reach) as body,
            read_media(body) as read,
        ):
            store.put(read.path, media.project_id, media.pk)
            mine.update(
                state=MediaState.READY,
                sha256=read.sha256,
                content_type=read.type.content_type,
                size=read.size,
                error="",
            )
            return True
    except (CouldNotFetch, MediaRefused) as error:
        # The reason stays in the server's log: told, it would map our network.
        logger.info("Media %s could not be fetched: %s", media.pk, error)
        mine.update(state=MediaState.FAILED, error=COULD_NOT_FETCH)
        return False


# --- Keeping order --------------------------------------------------------------------


def remove_files_of_deleted_projects() -> int:
    """Remove the folders of projects that are gone; return how many.

    Nothing is removed where none of the folders has its project here: then this
    database is not the one that the files belong to.
    """
    store.remove_forgotten()
    kept = store.projects_kept()
    there = set(Project.objects.filter(pk__in=kept).values_list("pk", flat=True))
    gone = kept - there if there else set()
    for project_id in gone:
        store.remove_project(project_id)
    return len(gone)


def new_id() -> str:
    """An id that no media has: what a dry run names a file it does not keep."""
    return str(uuid.uuid4())
