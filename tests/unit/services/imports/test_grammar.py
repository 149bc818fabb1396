"""A mistake in a population file is told with file, line, path, and what was probably meant."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from houselights.base.errors import InvalidInput
from houselights.services.imports.grammar import SCHEMA_FILE
from houselights.services.imports.parse import read_population

GOOD = """\
version: 1
workspace: shop
as_of: 2026-11-01
people:
  - files: people.csv
    key: id
    attributes: {person.name: name}
    facets:
      age: {column: age, bands: [[null, 17], [18, 24]]}
      no: {column: c, values: {NO: norway, yes: y, 1: one, 2.0: two, true: t}}
    identities: {email: {column: mail, hashed: false}}
facets:
  age: {name: Age, role: age}
events:
  - files: e.csv
    person: id
    time: {column: at, zone: Europe/Paris}
    type: buy
    attributes: {node: node, items: {column: items, nested: {sku: sku}}}
derived:
  bought: {facet: bought, from: buy, trait: node, within_days: 30}
accounts:
  - {kind: agency, name: A}
  - {kind: advertiser, name: B, parent: A}
"""


def test_a_good_file(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(GOOD)
    population = read_population(tmp_path / "p.yaml")
    values = population.people[0].facets["no"].values
    # "NO" is Norway and not false, numbers are keys as they are written in cells.
    assert values == {"NO": "norway", "yes": "y", "1": "one", "2.0": "two", "true": "t"}
    assert population.as_of is not None
    assert population.as_of.isoformat() == "2026-11-01T00:00:00+00:00"


@pytest.mark.parametrize(
    ("right", "wrong", "field", "line", "problem", "hint"),
    [
        ("column: age", "colum: age", "people[0].facets.age.colum", 9, 'unknown word "colum"', '"column"'),
        ("email:", "emial:", "people[0].identities.emial", 11, 'unknown word "emial"', '"email"'),
        ("people:\n", "peeple:\n", "peeple", 4, 'unknown word "peeple"', '"people"'),
        ("    key: id\n", "", "people[0]", 5, '"key" is missing', None),
        ("hashed: false", "hashed: no", "people[0].identities.email.hashed", 11, "must be true or false, not", None),
        ("[18, 24]", "[18, x]", "people[0].facets.age.bands[1][1]", 9, "must be a number or null", None),
        ("[18, 24]", "[17, 24]", "people[0].facets.age.bands[1]", 9, 'overlaps the band "17 and under"', None),
        ("[18, 24]", "[24, 18]", "people[0].facets.age.bands[1]", 9, "the low end is above the high end", None),
        ("Europe/Paris", "Europe/Pari", "events[0].time.zone", 17, "no time zone is called", '"Europe/Paris"'),
        ("role: age", "role: agee", "facets.age.role", 13, '"agee" is not possible here', '"age"'),
        ("as_of: 2026-11-01", "as_of: tomorrow", "as_of", 3, "is not an ISO 8601 instant", "for example"),
        ("version: 1", "version: 2", "version", 1, "must be 1", None),
        ("workspace: shop", "workspace: 7", "workspace", 2, "must be text, not the number 7", None),
        (
            "person.name: name", "person.name: name, person: x",
            "people[0].attributes.person.name", 7, '"person" is a value', None,
        ),
        ("person.name: name", "key.x: name", "people[0].attributes.key.x", 7, "a column of our own", None),
        ("trait: node", "trait: nod", "derived.bought.trait", 21, 'no attribute "nod"', '"node"'),
        ("trait: node", "trait: items.skk", "derived.bought.trait", 21, 'no attribute "items.skk"', '"items.sku"'),
        ("from: buy", "from: by", "derived.bought.from", 21, 'no event source has the type "by"', '"buy"'),
        ("facet: bought, ", "", "derived.bought", 21, "derives either a facet or measures", None),
        ("within_days: 30", "within_days: 0", "derived.bought.within_days", 21, "less than the minimum", None),
        ("parent: A", "parent: Z", "accounts[1].parent", 24, 'no other account is called "Z"', None),
        ("parent: A", "parent: B", "accounts[1].parent", 24, 'no other account is called "B"', None),
    ],
)  # fmt: skip
def test_mistakes(
    tmp_path: Path, right: str, wrong: str, field: str, line: int, problem: str, hint: str | None
) -> None:
    assert right in GOOD
    (tmp_path / "p.yaml").write_text(GOOD.replace(right, wrong, 1))
    with pytest.raises(InvalidInput) as refusal:
        read_population(tmp_path / "p.yaml")
    error = refusal.value
    assert error.field == field
    assert error.message.startswith(f"p.yaml, line {line}: {field}: ")
    assert problem in error.message
    if hint is not None:
        assert hint in (error.hint or "")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("version: 1\nversion: 1\n", 'line 2: "version" is there twice'),
        ("a: [1\n", "line 2: "),
        ("- 1\n", "line 1: a population file is a mapping"),
        ("", "line 1: a population file is a mapping"),
    ],
)
def test_what_is_no_population_file(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "p.yaml").write_text(text)
    with pytest.raises(InvalidInput) as refusal:
        read_population(tmp_path / "p.yaml")
    assert problem in refusal.value.message


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_population(tmp_path / "p.yaml")


def test_the_schema_is_a_schema_and_says_what_its_words_mean() -> None:
    schema = json.loads(SCHEMA_FILE.read_text())
    Draft202012Validator.check_schema(schema)
    assert all("description" in part for name, part in schema["properties"].items() if name not in ("privacy",))
