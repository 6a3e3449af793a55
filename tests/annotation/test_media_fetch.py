"""Fetching from allowed hosts: what is never reached, and what comes back."""

from __future__ import annotations

import ipaddress
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.test import Client

from accounts.models import Project, User
from annotation.actions.media import (
    fetch_waiting,
    note_addresses,
    set_hosts,
    try_again,
)
from annotation.media import fetch as fetching
from annotation.media import store
from annotation.media.fetch import (
    CouldNotFetch,
    Reach,
    fetched,
    host_named,
    host_of_address,
    is_public,
)
from annotation.models import Media
from jobs.models import Job
from jobs.running import perform
from tests.annotation import media_files as files
from tests.annotation.tls import HOST, Server, ok

URL = f"https://{HOST}/a.png"

NOT_PUBLIC = [
    *("0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.254"),  # noqa: S104
    *("10.255.255.255", "127.0.0.1", "127.8.8.8", "169.254.169.254", "172.16.0.1"),
    *("172.31.255.255", "192.0.0.1", "192.0.0.170", "192.0.2.7", "192.88.99.1"),
    *("192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.3", "203.0.113.9"),
    *("224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::127.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:8.8.8.8"),
    *("::ffff:0:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1"),
    *("100::1", "2001::1", "2001:0:7f00:1::", "2001:2::1", "2001:10::1", "2001:20::1"),
    *("2001:db8::1", "2002:7f00:1::", "2002:808:808::1", "3fff::1", "5f00::1"),
    *("fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1"),
]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_that_is_not_public_is_never_allowed(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    ["93.184.215.14", "8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450::1"],
)
def test_public_addresses_are_allowed(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_one_bad_address_among_good_ones_stops_the_fetch(address: str) -> None:
    reach = Reach(resolve=lambda host, port: ["93.184.215.14", address])
    with (
        pytest.raises(CouldNotFetch, match="not public"),
        fetched(URL, hosts=[HOST], reach=reach),
    ):
        pass


@pytest.mark.parametrize(
    "url",
    [
        "http://cdn.example.org/a.png",
        "ftp://cdn.example.org/a.png",
        "file:///etc/passwd",
        "//cdn.example.org/a.png",
        "https://cdn.example.org:8443/a.png",
        "https://cdn.example.org:0/a.png",
        "https://cdn.example.org:99999/a.png",
        "https://user:secret@cdn.example.org/a.png",
        "https://cdn.example.org@evil.example/a.png",
        "https://evil.example\\@cdn.example.org/a.png",
        "https://evil.example/cdn.example.org",
        "https://evil.example#cdn.example.org",
        "https://cdn.example.org.evil.example/a.png",
        "https://sub.cdn.example.org/a.png",
        "https://127.0.0.1/a.png",
        "https://2130706433/a.png",
        "https://0x7f.1/a.png",
        "https://[::1]/a.png",
        "https://localhost/a.png",
        "https://cdn.example.org/a b",
        "https://cdn.example.org/\r\nHost: evil",
        "https://cdn\t.example.org/a.png",
        "https://[cdn.example.org/a.png",
        "https:///a.png",
        "https://" + "a" * 3_000,
        "",
    ],
)
def test_an_address_elsewhere_is_not_even_resolved(url: str) -> None:
    def resolve(host: str, port: int) -> list[str]:
        raise AssertionError(f"{host} was looked up.")

    with (
        pytest.raises(CouldNotFetch, match="not allowed"),
        fetched(url, hosts=[HOST], reach=Reach(resolve=resolve)),
    ):
        pass


@pytest.mark.parametrize(
    ("written", "host"),
    [
        ("cdn.example.org", "cdn.example.org"),
        (" CDN.Example.Org. ", "cdn.example.org"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("https://cdn.example.org", None),
        ("cdn.example.org/path", None),
        ("*.example.org", None),
        ("localhost", None),
        ("10.0.0.1", None),
        ("[::1]", None),
        ("0x7f000001", None),
        ("cdn.example.org:8443", None),
        ("-a.example.org", None),
        ("a..example.org", None),
        ("", None),
    ],
)
def test_hosts_are_names_and_nothing_else(written: str, host: str | None) -> None:
    assert host_named(written) == host


def test_the_same_host_is_known_however_it_is_spelled() -> None:
    assert host_of_address("HTTPS://CDN.Example.ORG:443/x?y#z") == HOST


# --- Against a server -----------------------------------------------------------------


def content_at(server: Server, path: str, **more: Any) -> bytes:
    url = f"https://{HOST}{path}"
    with fetched(url, hosts=[HOST], reach=server.reach(**more)) as body:
        return b"".join(iter(lambda: body.read(1_000), b""))


def test_the_content_comes_with_the_hosts_name_kept(far_host: Server) -> None:
    far_host.answers["/a%20b.png?w=1&t=%C3%BC"] = ok(b"picture")
    url = f"https://{HOST}/a%20b.png?w=1&t=ü#part"
    with fetched(url, hosts=[HOST], reach=far_host.reach()) as body:
        assert body.read(100) == b"picture"
    (asked,) = far_host.requests
    assert f"Host: {HOST}" in asked
    assert far_host.names == [HOST]
    assert "cookie" not in asked.lower()
    assert "referer" not in asked.lower()


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary"])
def test_no_redirect_is_followed(far_host: Server, status: str) -> None:
    to = f"Location: https://{HOST}/b.png"
    far_host.answers |= {"/a.png": ok(b"", to, status=status), "/b.png": ok(b"there")}
    with pytest.raises(CouldNotFetch):
        content_at(far_host, "/a.png")
    assert len(far_host.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        ok(b"no", status="404 Not Found"),
        ok(b"no", status="500 Broken"),
        ok(b"", status="206 Partial"),
        ok(b"x", "Content-Encoding: gzip"),
        b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\ncut off",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\nhuge",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nnot a chunk",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500 + b"\r\n",
        b"",
    ],
    ids=lambda answer: repr(answer[:44]),
)
def test_an_answer_that_is_not_sound_is_none(far_host: Server, answer: bytes) -> None:
    far_host.answers["/a.png"] = answer
    with pytest.raises(CouldNotFetch):
        content_at(far_host, "/a.png")


def test_a_host_that_drips_is_cut_off_in_time(far_host: Server) -> None:
    def drip(wire: ssl.SSLSocket) -> None:
        wire.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        for _ in range(100):
            wire.sendall(b"x")
            time.sleep(0.05)

    def drip_headers(wire: ssl.SSLSocket) -> None:
        for _ in range(100):
            wire.sendall(b"H")
            time.sleep(0.05)

    for path, answer in (("/body", drip), ("/head", drip_headers)):
        far_host.answers[path] = answer
        began = time.monotonic()
        with pytest.raises(CouldNotFetch):
            content_at(far_host, path)
        assert time.monotonic() - began < 3


def test_a_silent_handshake_is_cut_off_in_time() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as deaf:
        port = deaf.getsockname()[1]
        reach = Reach(
            resolve=lambda host, _port: ["127.0.0.1"],
            is_allowed=lambda address: True,
            port=port,
            seconds=0.5,
        )
        began = time.monotonic()
        with (
            pytest.raises(CouldNotFetch),
            fetched(URL, hosts=[HOST], reach=reach) as body,
        ):
            body.read(1)
        assert time.monotonic() - began < 2


def test_a_certificate_of_another_name_or_maker_is_refused(far_host: Server) -> None:
    far_host.answers["/a.png"] = ok(b"there")
    other = "https://other.example.org/a.png"
    with (
        pytest.raises(CouldNotFetch, match="Cert"),
        fetched(other, hosts=["other.example.org"], reach=far_host.reach()),
    ):
        pass
    trusting_nobody_new = Reach(
        resolve=lambda host, port: ["127.0.0.1"],
        is_allowed=lambda address: True,
        port=far_host.port,
        seconds=1,
    )
    with (
        pytest.raises(CouldNotFetch, match="Cert"),
        fetched(URL, hosts=[HOST], reach=trusting_nobody_new),
    ):
        pass
    assert far_host.requests == []


def test_the_name_is_looked_up_once_and_the_checked_address_is_used(
    far_host: Server,
) -> None:
    """A name that means something else a moment later leads nowhere else."""
    answers = iter([["127.0.0.1"], ["169.254.169.254"]])
    reach = Reach(
        resolve=lambda host, port: next(answers),
        is_allowed=lambda address: str(address) == "127.0.0.1",
        context=far_host.reach().context,
        port=far_host.port,
        seconds=1,
    )
    far_host.answers["/a.png"] = ok(b"there")
    with fetched(URL, hosts=[HOST], reach=reach) as body:
        assert body.read(9) == b"there"
    assert next(answers) == ["169.254.169.254"]


def test_the_product_reaches_public_addresses_alone() -> None:
    assert Reach() == fetching.PUBLIC
    assert fetching.PUBLIC.is_allowed is is_public
    assert (fetching.PUBLIC.port, fetching.PUBLIC.seconds) == (443, 10.0)


# --- The job --------------------------------------------------------------------------


@pytest.fixture
def waiting(project: Project, ada: User) -> Callable[..., list[Media]]:
    """waiting("/a.png", …): addresses of the far host, noted by an import."""

    def note(*paths: str, host: str = HOST) -> list[Media]:
        urls = [f"https://{host}{path}" for path in paths]
        note_addresses(project=project, addresses=urls, by=ada)
        return [Media.objects.get(project=project, source_url=url) for url in urls]

    return note


def test_nothing_is_fetched_until_the_owner_allows_the_host(
    project: Project, olga: User, waiting: Any, far_host: Server
) -> None:
    far_host.answers["/a.png"] = ok(files.picture(), "Content-Type: text/html")
    (media,) = waiting("/a.png")
    assert fetch_waiting(project=project, reach=far_host.reach())["fetched"] == 0
    assert far_host.connections == 0

    set_hosts(project=project, hosts=[HOST], by=olga)
    project.refresh_from_db()
    counts = fetch_waiting(project=project, reach=far_host.reach())
    assert counts == {"fetched": 1, "failed": 0}
    media.refresh_from_db()
    assert (media.state, media.content_type) == ("ready", "image/png")
    assert store.path_of(project.pk, media.pk).stat().st_size == media.size


def test_each_address_is_fetched_once(
    project: Project, olga: User, waiting: Any, far_host: Server
) -> None:
    far_host.answers["/a.png"] = ok(files.picture())
    waiting("/a.png", "/a.png")
    set_hosts(project=project, hosts=[HOST], by=olga)
    project.refresh_from_db()
    for _ in range(3):
        waiting("/a.png")
        fetch_waiting(project=project, reach=far_host.reach())
    assert len(far_host.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        ok(files.SVG, "Content-Type: image/png"),
        ok(files.HTML, "Content-Type: image/jpeg"),
        ok(files.png_bomb()),
        ok(files.picture()[:40]),
        ok(b""),
        ok(b"secret of the inner network", status="403 No"),
    ],
    ids=["svg", "html", "bomb", "cut", "empty", "refused"],
)
def test_what_cannot_be_fetched_says_only_that(
    project: Project,
    olga: User,
    waiting: Any,
    far_host: Server,
    signed_in: Callable[[User], Client],
    ada: User,
    answer: bytes,
) -> None:
    far_host.answers["/a.png"] = answer
    (media,) = waiting("/a.png")
    set_hosts(project=project, hosts=[HOST], by=olga)
    project.refresh_from_db()
    counts = fetch_waiting(project=project, reach=far_host.reach())
    assert counts == {"fetched": 0, "failed": 1}
    media.refresh_from_db()
    assert (media.state, media.error, media.sha256) == ("failed", "could not fetch", "")
    assert not store.path_of(project.pk, media.pk).exists()
    page = signed_in(ada).get(f"/projects/{project.pk}/media/").content.decode()
    assert "could not fetch" in page
    assert "secret of the inner" not in page

    far_host.answers["/a.png"] = ok(files.picture())
    assert try_again(project=project, by=ada, media_id=media.pk)
    fetch_waiting(project=project, reach=far_host.reach())
    media.refresh_from_db()
    assert (media.state, media.error) == ("ready", "")


def test_a_file_beyond_its_limit_is_not_read_to_its_end(
    project: Project, olga: User, waiting: Any, far_host: Server, settings: Any
) -> None:
    settings.MEDIA_LARGEST = {"image": 50_000, "audio": 50_000, "video": 50_000}
    sent = []

    def endless(wire: ssl.SSLSocket) -> None:
        wire.sendall(b"HTTP/1.1 200 OK\r\n\r\n\x89PNG\r\n\x1a\n")
        with suppress(OSError):
            while len(sent) < 20_000:
                wire.sendall(bytes(10_000))
                sent.append(1)

    far_host.answers["/a.png"] = endless
    waiting("/a.png")
    set_hosts(project=project, hosts=[HOST], by=olga)
    project.refresh_from_db()
    assert fetch_waiting(project=project, reach=far_host.reach())["failed"] == 1
    assert len(sent) < 20_000


def test_a_host_that_the_owner_takes_back_is_asked_no_more(
    project: Project, olga: User, waiting: Any, far_host: Server
) -> None:
    far_host.answers |= {f"/{n}.png": ok(files.picture()) for n in range(3)}
    waiting("/0.png", "/1.png", "/2.png")
    set_hosts(project=project, hosts=[HOST], by=olga)
    project.refresh_from_db()

    def take_back(done: int, total: int | None = None, message: str = "") -> None:
        set_hosts(project=project, hosts=[], by=olga)

    counts = fetch_waiting(project=project, report=take_back, reach=far_host.reach())
    assert counts["fetched"] == 1
    assert far_host.connections == 1


def test_allowing_a_host_starts_the_job_and_the_job_fetches(
    project: Project,
    olga: User,
    waiting: Any,
    far_host: Server,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    far_host.answers["/a.png"] = ok(files.picture())
    (media,) = waiting("/a.png")
    waiting("/x.png", host="elsewhere.example.org")
    job = set_hosts(project=project, hosts=[HOST], by=olga)
    assert job is not None
    assert set_hosts(project=project, hosts=[HOST], by=olga) == job
    reach = far_host.reach()
    monkeypatch.setattr(
        "annotation.tasks.fetch_waiting",
        lambda **kwargs: fetch_waiting(**kwargs, reach=reach),
    )
    perform(job.pk)
    done = Job.objects.get(pk=job.pk)
    assert (done.state, done.result) == ("done", {"fetched": 1, "failed": 0})
    media.refresh_from_db()
    assert media.state == "ready"
    assert Media.objects.filter(state="waiting").count() == 1
