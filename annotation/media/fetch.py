"""Fetching one file from a host that the owner allows, and from nowhere else.

The address is parsed once. Every address that its host's name stands for must be a
public one, and the connection goes to one of those that were checked, so a name that
changes its meaning in between changes nothing. HTTPS only, the certificate must be the
host's, no redirect is followed, ten seconds for all of it.
"""

from __future__ import annotations

import http.client
import ipaddress
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import IO, cast
from urllib.parse import quote, urlsplit

from django.conf import settings

SECONDS = 10.0
LONGEST_ADDRESS = 2_000
HOST = re.compile(
    r"(?=.{4,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])"
)
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

GLOBAL_V6 = ipaddress.ip_network("2000::/3")
# Public by number, but leading elsewhere: translated, tunnelled, documentation, relay.
NOT_PUBLIC = [
    ipaddress.ip_network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8"),
        *("169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24"),
        *("192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"),
        *("203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        *("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
    )
]


class CouldNotFetch(Exception):
    """For the server's log only: people are told that it could not be fetched."""


def is_public(address: Address) -> bool:
    """Is it global unicast, and nothing that stands for another address?

    >>> is_public(ipaddress.ip_address("93.184.215.14"))
    True
    >>> is_public(ipaddress.ip_address("::ffff:93.184.215.14"))
    False
    """
    if address.version == 6 and address not in GLOBAL_V6:
        # IPv4-mapped, NAT64, unique local, link-local and multicast lie outside.
        return False
    if any(address in network for network in NOT_PUBLIC):
        return False
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_unspecified
    )


def resolve(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[4][0]) for address in found]


@dataclass(frozen=True)
class Reach:
    """How the network is reached. The product has one; tests bring their own."""

    resolve: Callable[[str, int], list[str]] = resolve
    is_allowed: Callable[[Address], bool] = is_public
    context: Callable[[], ssl.SSLContext] = ssl.create_default_context
    port: int = 443
    seconds: float = field(default=SECONDS)


PUBLIC = Reach()


def host_named(text: str) -> str | None:
    """A host's name as it is compared; None for what is none, an IP address too.

    >>> host_named(" CDN.Example.org. "), host_named("127.0.0.1"), host_named("a/b.org")
    ('cdn.example.org', None, None)
    """
    name = text.strip().rstrip(".").lower()
    with suppress(UnicodeError):
        name = name.encode("idna").decode("ascii")
    return name if HOST.fullmatch(name) else None


def host_of_address(url: str) -> str | None:
    """The host of an address that may be fetched at all; None for every other."""
    if len(url) > LONGEST_ADDRESS or re.search(r"[\x00-\x20\x7f\\]", url):
        return None
    try:
        split = urlsplit(url)
        port = split.port
    except ValueError:
        return None
    if split.scheme != "https" or port not in (None, 443) or "@" in split.netloc:
        return None
    return host_named(split.hostname or "")


@contextmanager
def fetched(
    url: str, *, hosts: list[str], reach: Reach = PUBLIC
) -> Iterator[IO[bytes]]:
    """The content at an address of one of `hosts`, as a stream. CouldNotFetch."""
    host = host_of_address(url)
    if host is None or host not in hosts:
        raise CouldNotFetch("the host is not allowed")
    addresses = checked_addresses(host, reach)
    connection = CheckedConnection(host, addresses, reach)
    watch = threading.Timer(reach.seconds, connection.cut)
    watch.daemon = True
    watch.start()
    try:
        yield cast(IO[bytes], answered(connection, url))
    finally:
        watch.cancel()
        connection.end()


def checked_addresses(host: str, reach: Reach) -> list[str]:
    """What the name stands for, if all of it is public."""
    try:
        found = reach.resolve(host, reach.port)
        addresses = [ipaddress.ip_address(one) for one in found]
    except (OSError, ValueError) as error:
        raise CouldNotFetch("the name does not resolve") from error
    if not addresses or not all(reach.is_allowed(one) for one in addresses):
        raise CouldNotFetch("an address of the host is not public")
    return list(dict.fromkeys(str(one) for one in addresses))


class CheckedConnection(http.client.HTTPSConnection):
    """Connects to the checked addresses alone; the certificate is the host's."""

    def __init__(self, host: str, addresses: list[str], reach: Reach) -> None:
        context = reach.context()
        super().__init__(host, reach.port, timeout=reach.seconds, context=context)
        self.addresses, self.tls, self.was_cut = addresses, context, False
        self.wire: socket.socket | None = None
        self.response: http.client.HTTPResponse | None = None

    def connect(self) -> None:
        wire = self.first_that_answers()
        # The handshake comes after, so that it can be cut off as well.
        wrapped = self.tls.wrap_socket(
            wire, server_hostname=self.host, do_handshake_on_connect=False
        )
        self.wire = self.sock = wrapped
        if self.was_cut:
            raise TimeoutError
        wrapped.do_handshake()

    def first_that_answers(self) -> socket.socket:
        failure: OSError = OSError("no address")
        for address in self.addresses[:4]:
            if self.was_cut:
                break
            try:
                return socket.create_connection((address, self.port), self.timeout)
            except OSError as error:
                failure = error
        raise failure

    def cut(self) -> None:
        """Time is over: whatever waits on the socket ends now."""
        self.was_cut = True
        if self.wire is not None:
            with suppress(OSError):
                socket.socket.shutdown(self.wire, socket.SHUT_RDWR)

    def end(self) -> None:
        with suppress(OSError):
            if self.response is not None:
                self.response.close()
            self.close()


BROKEN = (OSError, http.client.HTTPException, ValueError)


def answered(connection: CheckedConnection, url: str) -> Body:
    try:
        response = asked(connection, url)
    except BROKEN as error:
        raise CouldNotFetch(type(error).__name__) from error
    if response.status != 200:
        raise CouldNotFetch(f"answered {response.status}")
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise CouldNotFetch("the content is packed")
    if (response.length or 0) > max(settings.MEDIA_LARGEST.values()):
        raise CouldNotFetch("too large")
    return Body(connection, response)


def asked(connection: CheckedConnection, url: str) -> http.client.HTTPResponse:
    split = urlsplit(url)
    path = quote(split.path or "/", safe="/%:@!$&'()*+,;=~-._")
    if split.query:
        path += "?" + quote(split.query, safe="/%:@!$&'()*+,;=~-._?")
    connection.request(
        "GET",
        path,
        headers={
            "Accept": "image/*, audio/*, video/*",
            "Accept-Encoding": "identity",
            "User-Agent": "Touchstone",
            "Connection": "close",
        },
    )
    connection.response = connection.getresponse()
    return connection.response


class Body:
    """The content, read until its end; a connection that was cut is no end."""

    def __init__(
        self, connection: CheckedConnection, response: http.client.HTTPResponse
    ) -> None:
        self.connection, self.response = connection, response

    def read(self, size: int) -> bytes:
        try:
            data = self.response.read(size)
        except BROKEN as error:
            raise CouldNotFetch(type(error).__name__) from error
        if self.connection.was_cut or (not data and self.response.length):
            raise CouldNotFetch("cut off")
        return data
