"""Renders the coverage table of the room's README: `python -m tests.apis.adobe.readme` writes it."""

from dataclasses import dataclass
from pathlib import Path

import yaml

ROOM = Path(__file__).parents[3] / "src" / "houselights" / "apis" / "adobe"
README = ROOM / "README.md"
BEGIN, END = "<!-- coverage: rendered from coverage.yaml -->", "<!-- end of coverage -->"
STATES = ("works", "partly", "not yet", "never")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table."""

    product: str
    what: str
    state: str
    why: str
    mark: str | None


def lines() -> list[Line]:
    """Read the table."""
    products = yaml.safe_load((ROOM / "coverage.yaml").read_text())
    strays = [
        row for product in products for row in product["rows"] if not set(row) <= {"what", "state", "why", "mark"}
    ]
    assert not strays, strays
    return [
        Line(product["product"], row["what"], row["state"], row.get("why", ""), row.get("mark"))
        for product in products
        for row in product["rows"]
    ]


def rendered() -> str:
    """Return the table in Markdown, between its markers."""
    table = ["| product | what | state |", "|---|---|---|"]
    shown = ""
    for line in lines():
        product = "" if line.product == shown else line.product
        shown = line.product
        state = line.state if not line.why else f"{line.state}: {line.why}"
        table.append(f"| {product} | {line.what} | {state} |")
    return "\n".join([BEGIN, *table, END])


def with_table(text: str) -> str:
    """Return the README with the table put in place of the old one."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + rendered() + after


if __name__ == "__main__":
    README.write_text(with_table(README.read_text()))
