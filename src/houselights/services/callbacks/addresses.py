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
# Addresses with the address of another network inside: the number of bits that follow the inner one.
_WRAPPINGS: tuple[tuple[IPv6Network, int], ...] = tuple(
    (network, after)
    for text, after in (("::/96", 0), ("::ffff:0:0/96", 0), ("::ffff:0:0:0/96", 0), ("64:ff9b::/96", 0),
                        ("64:ff9b:1::/48", 0), ("2002::/16", 80))
    if isinstance(network := ip_network(text), IPv6Network)
)  # fmt: skip


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
            if not form.is_global or form.is_multicast or form.is_reserved or form.is_unspecified:
                raise NotCalled(f"{text} is not a public address; an operator can allow it")


def _inside(address: Address) -> Iterator[Address]:
    """Yield an address and the IPv4 address that is wrapped in it."""
    wrapped = None
    if isinstance(address, IPv6Address):
        for network, after in _WRAPPINGS:
            if address in network:
                wrapped = IPv4Address(int(address) >> after & 0xFFFF_FFFF)
        if address.teredo is not None:
            wrapped = address.teredo[1]
    if wrapped is None or (isinstance(address, IPv6Address) and int(address) < 2):  # "::" and "::1" wrap nothing
        yield address
    else:
        yield wrapped
        if not isinstance(address, IPv6Address) or address.ipv4_mapped is None:
            yield address


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
    if not host or port == 0:
        raise NotCalled("there is no host in the URL")
    if url.userinfo:
        raise NotCalled("put no user name or password into a callback URL")
    return url
