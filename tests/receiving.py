"""A real receiver of callbacks: an HTTP server on a port of its own, that answers what a test tells it to."""

import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread


@dataclass(frozen=True)
class Received:
    """One request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Says:
    """What a receiver answers: after `wait_seconds`, or never when `hangs` is set until the test is over."""

    status: int = 200
    body: bytes = b"thank you"
    headers: Mapping[str, str] = field(default_factory=dict)
    trickle_seconds: float = 0.0  # between two bytes of the body


@dataclass
class Receiver:
    """What came in, and what is answered: the next of `answers`, the last of them for ever."""

    port: int
    answers: list[Says]
    received: list[Received] = field(default_factory=list)
    over: Event = field(default_factory=Event)
    most_at_once: int = 0
    at_once: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?from=us"


@contextmanager
def receiver(
    *answers: Says, tls: ssl.SSLContext | None = None, hold: Callable[[], None] = lambda: None
) -> Iterator[Receiver]:
    """Receive on a free port of this machine; `hold` is called before each answer."""
    said = list(answers) or [Says()]

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            here.at_once += 1
            here.most_at_once = max(here.most_at_once, here.at_once)
            try:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                here.received.append(
                    Received(
                        self.command, self.path, {name.lower(): value for name, value in self.headers.items()}, body
                    )
                )
                says = said.pop(0) if len(said) > 1 else said[0]
                hold()
                self.send_response(says.status)
                for name, value in says.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(says.body)))
                self.end_headers()
                for byte in says.body if says.trickle_seconds else b"":
                    if here.over.wait(says.trickle_seconds):
                        return
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
                if not says.trickle_seconds:
                    self.wfile.write(says.body)
            except (BrokenPipeError, ConnectionResetError):
                return
            finally:
                here.at_once -= 1

        do_GET = do_POST  # noqa: N815

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    here = Receiver(server.server_address[1], said)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield here
    finally:
        here.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def until(happened: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait until something has happened. Raises AssertionError when it does not."""
    ends = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.02)
