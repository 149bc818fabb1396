"""An OpenAPI document as one page of HTML. Needs no network, no script and no other file: it opens on any machine."""

import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

Node = Mapping[str, Any]

STYLE = """
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent); }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
code, pre { font: 14px/1.45 ui-monospace, monospace; }
pre { border: 1px solid var(--line); border-radius: 6px; padding: .6rem .8rem; overflow-x: auto; }
details { border-top: 1px solid var(--line); padding: .45rem 0; }
summary { cursor: pointer; }
summary b { display: inline-block; min-width: 4.5em; }
summary span { opacity: .75; margin-left: .75em; }
table { border-collapse: collapse; }
td, th { text-align: left; vertical-align: top; padding: .15rem 1rem .15rem 0; }
"""


def api_page(document: Node) -> str:
    """Return the page: operations below their tags, each with its parameters, a command to paste, and its replies."""
    info = document["info"]
    server = (document.get("servers") or [{"url": ""}])[0]["url"]
    parts = [
        f"<h1>{escape(info['title'])}</h1>",
        *(f"<p>{_prose(text)}</p>" for text in info.get("description", "").strip().split("\n\n")),
    ]
    for tag, about, operations in _by_tag(document):
        parts.append(f"<h2>{escape(tag.capitalize())}</h2><p>{_prose(about)}</p>")
        parts += [_operation(document, server, method, path, operation) for method, path, operation in operations]
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(info['title'])}</title><style>{STYLE}</style>{''.join(parts)}</html>"
    )


def _by_tag(document: Node) -> Iterator[tuple[str, str, Sequence[tuple[str, str, Node]]]]:
    every = [
        (method, path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if isinstance(operation, Mapping)
    ]
    told = {tag["name"]: tag.get("description", "") for tag in document.get("tags", ())}
    names = dict.fromkeys([*told, *((operation.get("tags") or ["operations"])[0] for _, _, operation in every)])
    for name in names:
        mine = [one for one in every if (one[2].get("tags") or ["operations"])[0] == name]
        if mine:
            yield name, told.get(name, ""), mine


def _operation(document: Node, server: str, method: str, path: str, operation: Node) -> str:
    about = operation.get("description") or operation.get("summary", "")
    first, *more = about.strip().split("\n\n")
    body, media = _body(document, operation)
    rows = "".join(_parameter(document, one) for one in operation.get("parameters", ()))
    replies = "".join(
        f"<tr><td><code>{escape(status)}</code><td>{_prose(reply.get('description', ''))}"
        for status, reply in operation.get("responses", {}).items()
    )
    return "".join(
        (
            f'<details id="{escape(operation.get("operationId", ""))}"><summary><b>{method.upper()}</b>',
            f"<code>{escape(path)}</code><span>{_prose(first)}</span></summary>",
            *(f"<p>{_prose(text)}</p>" for text in more),
            f"<table>{rows}</table>" if rows else "",
            f"<pre>{escape(_command(server, method, path, operation, body, media))}</pre>",
            f"<table>{replies}</table></details>",
        )
    )


def _parameter(document: Node, given: Node) -> str:
    one = _resolved(document, given)
    about = one.get("description") or one.get("schema", {}).get("description", "")
    need = "" if one.get("required") else ", may be left out"
    return f"<tr><td><code>{escape(one['name'])}</code><td>{escape(one['in'])}{need}<td>{_prose(about)}"


def _body(document: Node, operation: Node) -> tuple[Any, str]:
    """Return an example of the request's body (None without one), and its media type."""
    contents = _resolved(document, operation.get("requestBody", {})).get("content", {})
    for media, content in contents.items():
        schema = _resolved(document, content.get("schema", {}))
        named = list(content.get("examples", {}).values())
        if named:
            return named[0].get("value"), media
        if "example" in content:
            return content["example"], media
        return (schema.get("examples") or [schema.get("example", {})])[0], media
    return None, ""


def _command(server: str, method: str, path: str, operation: Node, body: Any, media: str) -> str:
    lines = [f"curl -X {method.upper()} '{server}{path}'"]
    if operation.get("security"):
        lines.append('-H "Authorization: Bearer $TOKEN"')
    if body is not None:
        text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
        quoted = text.replace("'", "'\\''")
        lines += [f"-H 'Content-Type: {media}'", f"-d '{quoted}'"]
    return " \\\n  ".join(lines)


def _resolved(document: Node, node: Node) -> Node:
    """Follow a reference within the document."""
    reference = node.get("$ref")
    if reference is None:
        return node
    found: Any = document
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    resolved: Node = found
    return resolved


def _prose(text: str) -> str:
    """Escape text; what stands in backticks becomes code."""
    pieces = escape(text.strip(), quote=False).split("`")
    return "".join(f"<code>{piece}</code>" if odd % 2 else piece for odd, piece in enumerate(pieces))
