"""Every example of docs/how-to/import.md is imported, and does what the page says."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from houselights.services.imports.grammar import read_document
from tests.importing import Kitchen, rejects

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "import.md"
BLOCK = re.compile(r"^```(\w+)(?: ([^\n]*))?\n(.*?)^```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Example:
    people: int
    rejects: int
    text: str


def blocks() -> tuple[dict[str, str], list[Example]]:
    files, examples = {}, []
    for _, about, text in BLOCK.findall(PAGE.read_text()):
        words = dict(word.split("=") for word in about.split() if "=" in word)
        if "file" in words:
            files[words["file"]] = text
        elif about.startswith("population"):
            examples.append(Example(int(words["people"]), int(words["rejects"]), text))
    return files, examples


FILES, EXAMPLES = blocks()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: yaml.safe_load(example.text)["workspace"])
def test_examples_do_what_the_page_says(tmp_path: Path, example: Example) -> None:
    kitchen = Kitchen.open(tmp_path)
    for name, content in FILES.items():
        kitchen.text(name, content)
    run = kitchen.run(kitchen.text("population.yaml", example.text))
    assert (run.people, run.rows_rejected) == (example.people, example.rejects)


def test_there_are_examples_of_every_section() -> None:
    used = {word for example in EXAMPLES for word in yaml.safe_load(example.text)}
    schema_words = {
        "people",
        "link",
        "facets",
        "events",
        "derived",
        "follows",
        "texts",
        "audiences",
        "accounts",
        "privacy",
        "as_of",
    }
    assert schema_words <= used


def test_the_table_of_rejects_is_true(tmp_path: Path) -> None:
    kitchen = Kitchen.open(tmp_path)
    kitchen.text("mixed.csv", FILES["mixed.csv"])
    run = kitchen.run(kitchen.text("population.yaml", next(e.text for e in EXAMPLES if "mixed.csv" in e.text)))
    rows = re.findall(r"^\| (mixed\.csv) \| (\d+) \| (\w+) \| (\w*) ?\| ([^|]+) \|$", PAGE.read_text(), re.MULTILINE)
    assert rejects(run) == [(file, int(line), column, value, reason) for file, line, column, value, reason in rows]


def test_the_example_population_fits_the_schema() -> None:
    read_document(PAGE.parents[2] / "examples" / "adult" / "population.yaml")
