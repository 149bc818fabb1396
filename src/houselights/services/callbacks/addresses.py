"""Which addresses a callback may go to: a client names a URL, and must not reach through us what only we can reach.

A name is resolved once for each try, all that it resolves to is looked at, and what was looked at is called: a name
that means something else a moment later changes nothing. Refuses whatever is not public, unless the operator allows
the host or network; and always the addresses at which clouds hand out credentials.
"""

import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

import httpx

from houselights.base.callback_settings import CallbackSettings
from houselights.base.errors import InvalidInput

SCHEMES = ("http", "https")
URL_MOST = 2048
ADDRESSES_MOST = 8

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Sequence[str]]

# Where machines in a cloud ask for their own credentials and configuration. The last is public by its number.
METADATA = frozenset(map(ip_address, ("169.254.169.254", "169.254.170.2", "fd00:ec2::254", "168.63.129.16")))
# IPv6 addresses with an IPv4 address inside, and how many bits follow it. Through the first two the inner one is
# called, and it alone counts; the others are left from plans that nobody follows, so the outer one counts as well.
_NETWORKS = ("::ffff:0:0/96", "64:ff9b::/96", "::/96", "::ffff:0:0:0/96", "64:ff9b:1::/48", "2002::/16")
_WRAPPINGS = tuple((IPv6Network(text), 80 if text == "2002::/16" else 0) for text in _NETWORKS)
_THROUGH = tuple(network for network, _ in _WRAPPINGS[:2])


# What versions of Python do not agree about, or have not heard of: set aside for special purposes, so never public.
_SPECIAL = tuple(
    map(ip_network, ("100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "2001::/23", "2001:db8::/32",
                     "2002::/16", "3fff::/20"))
)  # fmt: skip
_UNICAST = IPv6Network("2000::/3")  # all of IPv6 that was ever given out


class NotCalled(Exception):
    """The address is none that may be called, today or tomorrow."""


class Unresolved(Exception):
    """The name means nothing at the moment."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a URL leads: the addresses that were looked at, in the order in which they are to be tried."""

    url: httpx.URL
    addresses: tuple[str, ...]


def checked_url(text: str, field: str = "callback_url") -> str:
    """Return a URL that a callback may be asked for. Where it leads is seen when it is sent.

    Raises InvalidInput for what is no http or https URL with a host, and for one with credentials or of great length.
    """
    try:
        _url(text)
    except NotCalled as error:
        raise InvalidInput(str(error), field=field) from error
    return text


def host_of(text: str) -> str:
    """Return the host of a URL, in lower case and as names are resolved; "" for one that is never called."""
    try:
        return _url(text).raw_host.decode("ascii").lower()
    except NotCalled:
        return ""


def resolved(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a host, as this machine resolves names. Raises Unresolved."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unresolved(f"the name {host} cannot be resolved") from error
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class Addresses:
    """Says where a callback goes, or that it does not."""

    def __init__(self, settings: CallbackSettings, resolve: Resolve = resolved):
        self._settings = settings
        self._resolve = resolve

    def place(self, text: str) -> Place:
        """Return where a URL leads now. Raises NotCalled, Unresolved."""
        url = _url(text)
        host = url.raw_host.decode("ascii").lower()
        port = url.port or (443 if url.scheme == "https" else 80)
        named = host.rstrip(".") in self._settings.hosts
        found = list(self._resolve(host.strip("[]"), port))[:ADDRESSES_MOST]
        for each in found:
            self._look_at(each, named=named)
        if not found:
            raise Unresolved(f"the name {host} has no address")
        return Place(url, tuple(found))

    def _look_at(self, text: str, *, named: bool) -> None:
        """Raise NotCalled unless an address may be called."""
        try:
            address = ip_address(text.partition("%")[0])
        except ValueError as error:
            raise NotCalled(f"{text} is no address") from error
        forms = list(_inside(address))
        if any(form in METADATA for form in forms):
            raise NotCalled(f"{text} is where machines ask for their credentials")
        if named or any(form in network for form in forms for network in self._settings.networks):
            return
        for form in forms:
            if not _is_public(form):
                raise NotCalled(f"{text} is not a public address; an operator can allow it")


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and address not in _UNICAST:
        return False
    if any(address in network for network in _SPECIAL):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _inside(address: Address) -> Iterator[Address]:
    """Yield the addresses that count: itself, unless it only leads to another; and an IPv4 address inside of it."""
    if isinstance(address, IPv4Address):
        yield address
        return
    if not any(address in network for network in _THROUGH):
        yield address
    for network, after in _WRAPPINGS:
        if address in network:
            yield IPv4Address(int(address) >> after & 0xFFFF_FFFF)
    if address.teredo is not None:
        yield address.teredo[1]


def _url(text: str) -> httpx.URL:
    """Read a URL. Raises NotCalled for one that is never called."""
    if len(text) > URL_MOST:
        raise NotCalled(f"a callback URL has at most {URL_MOST} characters")
    if any(ord(character) <= 32 or character == "\x7f" for character in text):
        raise NotCalled("there is a space or a control character in the URL")
    try:
        url = httpx.URL(text)
        host, port = url.raw_host, url.port
    except (httpx.InvalidURL, ValueError, UnicodeError) as error:
        raise NotCalled("this is no URL") from error
    if url.scheme not in SCHEMES:
        raise NotCalled("a callback URL begins with http:// or https://")
    if not host or (port is not None and not 0 < port < 1 << 16):
        raise NotCalled("there is no host in the URL")
    if url.userinfo:
        raise NotCalled("put no user name or password into a callback URL")
    return url
