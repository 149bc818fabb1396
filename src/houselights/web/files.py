"""Serves the app's files, each with the headers that keep it to itself. Knows no people and no audiences.

The page may load scripts, styles, pictures and data from this server alone, run no inline script but its import map,
and stand in nobody's frame. Vendored files never change under their name and are kept by browsers for a year; ours
are asked about each time and answered with 304 while they are the same.
"""

import base64
import hashlib
import mimetypes
import re
from functools import cached_property
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

STATIC = Path(__file__).parent / "static"
# The one style sheet that the chart library writes into its drawings, always the same text for the class "plot".
CHART_STYLE = "sha256-+TfQir1nvDucAdvE6XUQBt4ayUjpAWkbw2kCdSfekHM="
_INLINE = re.compile(rb'<script type="importmap">(.*?)</script>', re.DOTALL)


mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("text/javascript", ".mjs")


class Files:
    """The files below a folder, with the policy that their page runs under."""

    def __init__(self, folder: Path = STATIC):
        self._folder = folder.resolve()

    def find(self, path: str) -> Path | None:
        """Return the file of a URL path, None for one that is not there or not below the folder."""
        if path in {"/", "/web", "/web/"}:
            return self._folder / "index.html"
        if path == "/favicon.ico":
            return self._folder / "favicon.svg"
        found = (self._folder / path.removeprefix("/web/")).resolve()
        return found if found.is_file() and found.is_relative_to(self._folder) else None

    @cached_property
    def policy(self) -> str:
        """What the page may do: everything from here, nothing from elsewhere."""
        return "; ".join(
            (
                "default-src 'none'",
                f"script-src 'self' {self._import_map}",
                f"style-src 'self' '{CHART_STYLE}'",
                "img-src 'self' data: blob:",
                "font-src 'self'",
                "connect-src 'self'",
                "worker-src 'self'",
                "manifest-src 'self'",
                "base-uri 'none'",
                "form-action 'self'",
                "frame-ancestors 'none'",
            )
        )

    @cached_property
    def _import_map(self) -> str:
        found = _INLINE.search((self._folder / "index.html").read_bytes())
        assert found is not None, "index.html has an import map"
        return f"'sha256-{base64.b64encode(hashlib.sha256(found[1]).digest()).decode()}'"


def file_response(files: Files, request: Request) -> Response:
    """Answer a request for a file."""
    if request.method not in {"GET", "HEAD"}:
        return PlainTextResponse("only GET and HEAD are answered here", 405, {"Allow": "GET, HEAD"})
    found = files.find(request.url.path)
    headers = {
        "Content-Security-Policy": files.policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    }
    if found is None:
        return PlainTextResponse("there is no such file", 404, headers)
    lasting = "vendor" in found.parts
    headers["Cache-Control"] = "public, max-age=31536000, immutable" if lasting else "no-cache"
    stat = found.stat()
    tag = f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"'
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers | {"ETag": tag})
    return FileResponse(found, headers=headers | {"ETag": tag}, stat_result=stat)
