"""Renders the coverage tables of the rooms' READMEs: `python -m tests.apis.readme` writes them."""

from dataclasses import dataclass
from pathlib import Path

import yaml

APIS = Path(__file__).parents[2] / "src" / "houselights" / "apis"
ROOMS = ("adobe", "amazon", "statsocial")
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


def readme_of(room: str) -> Path:
    return APIS / room / "README.md"


def lines(room: str) -> list[Line]:
    """Read a room's table."""
    products = yaml.safe_load((APIS / room / "coverage.yaml").read_text())
    strays = [
        row for product in products for row in product["rows"] if not set(row) <= {"what", "state", "why", "mark"}
    ]
    assert not strays, strays
    return [
        Line(product["product"], row["what"], row["state"], row.get("why", ""), row.get("mark"))
        for product in products
        for row in product["rows"]
    ]


def rendered(room: str) -> str:
    """Return the table in Markdown, between its markers."""
    table = ["| product | what | state |", "|---|---|---|"]
    shown = ""
    for line in lines(room):
        product = "" if line.product == shown else line.product
        shown = line.product
        state = line.state if not line.why else f"{line.state}: {line.why}"
        table.append(f"| {product} | {line.what} | {state} |")
    return "\n".join([BEGIN, *table, END])


def with_table(room: str, text: str) -> str:
    """Return the README with the table put in place of the old one."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + rendered(room) + after


if __name__ == "__main__":
    for each in ROOMS:
        readme_of(each).write_text(with_table(each, readme_of(each).read_text()))
