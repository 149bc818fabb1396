"""Sends one POST to an address that was looked at before, within a time that cannot be stretched.

Calls the address, not the name: the name only goes along as `Host` and for TLS, whose certificate must be the name's.
Follows no redirect, uses no proxy and keeps no cookie; reads a little of the answer, packed as it comes, and hangs up.
"""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

import httpx

from houselights.services.callbacks.addresses import Place


class NoAnswer(Exception):
    """The receiver could not be reached, or did not answer in time. `address` is the one that was called last."""

    def __init__(self, why: str, address: str | None = None):
        super().__init__(why)
        self.address = address


@dataclass(frozen=True, slots=True)
class Answer:
    """What the receiver said, and from which address. `retry_after` is that header, if it is there."""

    status: int
    address: str
    text: str
    retry_after: str | None = None


class Poster:
    """Sends POSTs. Any number of threads may, each its own."""

    def __init__(self, timeout_seconds: float, answer_bytes: int, context: ssl.SSLContext | None = None):
        self._timeout_seconds = timeout_seconds
        self._answer_bytes = answer_bytes
        self._context = context or httpx.create_ssl_context()

    def post(self, place: Place, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send a body and return the answer, whatever its status. Raises NoAnswer."""
        return asyncio.run(self._post(place, body, headers))

    async def _post(self, place: Place, body: bytes, headers: Mapping[str, str]) -> Answer:
        why = NoAnswer("there is no address")
        try:
            async with asyncio.timeout(self._timeout_seconds):
                for address in place.addresses:
                    try:
                        return await self._ask(place.url, address, body, headers)
                    except httpx.ConnectError as error:
                        why = NoAnswer(f"no connection: {_words(error)}", address)
        except TimeoutError:
            raise NoAnswer(f"no answer within {self._timeout_seconds:g} seconds", place.addresses[0]) from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            raise NoAnswer(f"no answer: {_words(error)}", place.addresses[0]) from error
        raise why

    async def _ask(self, url: httpx.URL, address: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        is_v6 = isinstance(ip_address(address.partition("%")[0]), IPv6Address)
        pinned = url.copy_with(host=f"[{address}]" if is_v6 else address, fragment=None)
        sent = {**headers, "Host": url.netloc.decode("ascii")}
        extensions = {"sni_hostname": url.raw_host.decode("ascii").strip("[]")} if url.scheme == "https" else {}
        async with (
            httpx.AsyncClient(verify=self._context, trust_env=False, follow_redirects=False, timeout=None) as client,
            client.stream("POST", pinned, content=body, headers=sent, extensions=extensions) as response,
        ):
            text = await self._beginning(response)
            return Answer(response.status_code, address, text, response.headers.get("retry-after"))

    async def _beginning(self, response: httpx.Response) -> str:
        """Return the beginning of an answer that is not packed; what is left of it is not read."""
        kept = bytearray()
        async for part in response.aiter_raw():
            kept += part
            if len(kept) >= self._answer_bytes:
                break
        text = bytes(kept[: self._answer_bytes]).decode("utf-8", "replace")
        return "".join(character if character.isprintable() or character in "\n\t" else "�" for character in text)


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
