"""Writes the generated parts of the documents: the command line's help and the table of the native API's operations.

`python -m houselights.cli.docs` writes them; `--check` only says whether they are as they should be, by exit code.
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from houselights.apis import native
from houselights.app import build_house
from houselights.base.settings import Settings
from houselights.cli.main import COMMANDS, cli

DOCS = Path(__file__).parents[3] / "docs"
WIDTH = 100

CLI_ABOUT = """
Written by `make docs` from the help of the commands. Refusals go to standard error and end with code 2; `--json` prints
what the native API would.
""".strip()

API_ABOUT = """
Written by `make docs` from the OpenAPI document, which the server has at `/v1/openapi.json` and shows at `/v1/docs`.
Ids are strings, shares fractions of 1, errors `application/problem+json` (RFC 9457); lists come in pages (`limit`,
`page_token`). Authenticate with `Authorization: Bearer …`; `houselights clients create` makes a token.
""".strip()

# Groups, whose commands have a page of help each.
GROUPS = {"audiences": ("list", "show", "create", "archive"), "clients": ("list", "create", "disable", "audit")}


def help_pages() -> Iterator[tuple[str, str]]:
    """Yield each command line and its help, as a pipe would see it."""
    lines: list[tuple[str, ...]] = [()]
    for name in COMMANDS:
        lines.append((name,))
        lines += [(name, inner) for inner in GROUPS.get(name, ())]
    for words in lines:
        shown = CliRunner().invoke(
            cli,
            [*words, "--help"],
            env={"COLUMNS": str(WIDTH), "TERM": "dumb", "NO_COLOR": "1"},
            prog_name="houselights",
        )
        if shown.exit_code:
            raise RuntimeError(f"houselights {' '.join(words)} --help failed") from shown.exception
        yield " ".join(("houselights", *words)), "\n".join(line.rstrip() for line in shown.output.strip().splitlines())


def cli_page() -> str:
    """Return docs/cli.md."""
    parts = [
        "# The command line",
        CLI_ABOUT,
    ]
    for line, text in help_pages():
        parts.append(f"## `{line}`\n\n```text\n{text}\n```")
    return "\n\n".join(parts) + "\n"


def api_page() -> str:
    """Return docs/native-api.md: a table of the operations, from the room's own OpenAPI document."""
    with tempfile.TemporaryDirectory() as folder:
        house = build_house(Settings(data=Path(folder)))
        try:
            page = native.openapi(house)
        finally:
            house.control.close()
    parts = [
        "# The native API",
        API_ABOUT,
    ]
    for tag in page["tags"]:
        rows = [
            f"| `{method.upper()} {path}` | {_first_line(operation)} |"
            for path, item in page["paths"].items()
            for method, operation in item.items()
            if operation["tags"][0] == tag["name"]
        ]
        parts.append(
            f"## {tag['name'].capitalize()}\n\n{tag['description']}\n\n| operation | says |\n|---|---|\n"
            + "\n".join(rows)
        )
    return "\n\n".join(parts) + "\n"


def _first_line(operation: dict[str, Any]) -> str:
    text: str = operation["description"].split("\n\n")[0]
    return text.replace("\n", " ").replace("|", "\\|")


PAGES = {"cli.md": cli_page, "native-api.md": api_page}


def main(arguments: list[str]) -> int:
    """Write the pages, or with `--check` compare them; return the exit code."""
    stale = []
    for name, make in PAGES.items():
        file, text = DOCS / name, make()
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            stale.append(name)
            if "--check" not in arguments:
                file.write_text(text, encoding="utf-8")
    if "--check" in arguments and stale:
        sys.stderr.write(f"run `make docs`: {', '.join(stale)} are not as they should be\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
