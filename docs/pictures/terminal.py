"""Draws the README's picture: what the command line really says about the demo world. Run by `make docs`."""

import os
import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

COLUMNS = 112
COMMAND = Path(sys.executable).with_name("houselights")
RULE = (
    '{"and": [{"trait": {"facet": "lifestyle", "any_of": ["new-parents"]}}, '
    '{"trait": {"facet": "gender", "any_of": ["female"]}}, {"not": {"trait": {"facet": "age", "any_of": ["18-24"]}}}]}'
)
ASKED = (
    ["explain", RULE],
    ["insights", "New parents", "--category", "In-market", "--category", "Life event", "--limit", "10"],
)


def answered(arguments: list[str], data: str) -> Text:
    """Return what a command prints, in colour, below the command as one would type it."""
    environment = os.environ | {"COLUMNS": str(COLUMNS), "FORCE_COLOR": "1"}
    done = subprocess.run(
        [str(COMMAND), *arguments, "--data", data], capture_output=True, text=True, check=True, env=environment
    )
    typed = " ".join(f"'{word}'" if " " in word else word for word in arguments)
    return Text.assemble(("$ ", "dim"), (f"houselights {typed}\n", "bold"), Text.from_ansi(done.stdout))


def main(data: str = "demo-data") -> None:
    """Ask, and write terminal.svg beside this file."""
    with open(os.devnull, "w") as nowhere:
        console = Console(record=True, width=COLUMNS, file=nowhere)
        for arguments in ASKED:
            console.print(answered(arguments, data))
    drawn = console.export_svg(title="Houselights")
    # The fonts would be fetched from elsewhere; any fixed-width font on the reader's machine does.
    Path(__file__).with_name("terminal.svg").write_text(re.sub(r"@font-face \{.*?\}", "", drawn, flags=re.DOTALL))


if __name__ == "__main__":
    main(*sys.argv[1:])
