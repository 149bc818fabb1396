"""Keys that share identities become one person, whose fragments merge as the population file says."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import networkx as nx
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from houselights.base.errors import InvalidInput
from houselights.identity.hashing import sha256_hex
from houselights.services.imports.keys import People
from houselights.services.imports.population import Link, Wins
from houselights.services.imports.precedence import PRECEDENCE, ranks_of, rounds
from houselights.services.imports.staging import Stage
from tests.importing import Kitchen, rejects

CRM = """id,mail,phone,city,age,score,seen
c1,ada@example.com,,London,40,1,2026-01-01T00:00:00Z
c2,ben@example.com,,Paris,20,2,2026-03-01T00:00:00Z
c3,cleo@example.com,,,,,
"""
SHOP = """id,mail,phone,city,age,score,seen
s1,ADA@example.com,2065550100,Leeds,41,5,2025-06-01T00:00:00Z
s2,,2065550100,,,,2026-06-01T00:00:00Z
s3,dora@example.com,,Rome,30,,
"""


@pytest.fixture
def kitchen(tmp_path: Path) -> Kitchen:
    kitchen = Kitchen.open(tmp_path)
    kitchen.text("crm.csv", CRM)
    kitchen.text("shop.csv", SHOP)
    kitchen.text("orders.csv", "who,at,n\ns2,2026-10-01,1\nc1,2026-10-02,1\n")
    return kitchen


def mapping(link: Mapping[str, Any] | None) -> dict[str, Any]:
    source = {
        "key": "id",
        "attributes": {"home.city": "city", "seen": {"column": "seen", "type": "timestamp"}},
        "facets": {"age": "age"},
        "measures": {"score": "score"},
        "identities": {"email": "mail", "phone": {"column": "phone", "country": "US"}},
    }
    whole: dict[str, Any] = {
        "people": [{"files": "crm.csv", **source}, {"files": "shop.csv", **source}],
        "events": [{"files": "orders.csv", "person": "who", "time": "at", "type": "order"}],
    }
    return whole if link is None else {**whole, "link": dict(link)}


def cities(kitchen: Kitchen) -> dict[str, str | None]:
    return {key: row["home"]["city"] for key, row in kitchen.people().items()}


def test_fragments_that_share_identities_are_one_person(kitchen: Kitchen) -> None:
    run = kitchen.run(mapping({"by": ["email", "phone"]}))
    assert (run.people, run.rows_rejected) == (4, 0)
    assert cities(kitchen) == {"c1": "Leeds", "c2": "Paris", "c3": None, "s3": "Rome"}
    # What s2 does not know does not hide what the others do.
    assert kitchen.traits() == {"c1": {"age:41"}, "c2": {"age:20"}, "c3": set(), "s3": {"age:30"}}
    assert kitchen.by_key("measures")["c1"] == [{"measure": "score", "value": 5.0}]
    assert [row["type"] for row in kitchen.by_key("events")["c1"]] == ["order", "order"]
    mails = {row["value"] for row in kitchen.by_key("identities")["c1"] if row["namespace"] == "email"}
    assert mails == {sha256_hex("ada@example.com")}
    assert kitchen.generation.people == 4
    assert kitchen.index.people == 4


@pytest.mark.parametrize(
    ("wins", "city", "age", "score"),
    [("later", "Leeds", "41", 5.0), ("earlier", "London", "40", 1.0), ({"latest": "seen"}, "London", "40", 1.0)],
)
def test_who_wins(kitchen: Kitchen, wins: Any, city: str, age: str, score: float) -> None:
    kitchen.run(mapping({"by": ["email", "phone"], "wins": wins}))
    assert cities(kitchen)["c1"] == city
    assert kitchen.traits()["c1"] == {f"age:{age}"}
    assert kitchen.by_key("measures")["c1"] == [{"measure": "score", "value": score}]
    assert kitchen.people()["c1"]["seen"].month == {"later": 6, "earlier": 1}.get(str(wins), 6)


def test_without_links_a_key_is_a_person(kitchen: Kitchen) -> None:
    assert kitchen.run(mapping(None)).people == 6


def test_only_the_namespaces_named_link(kitchen: Kitchen) -> None:
    assert kitchen.run(mapping({"by": ["phone"]})).people == 5


def test_what_too_many_keys_share_links_nobody(kitchen: Kitchen) -> None:
    kitchen.text(
        "shop.csv", "id,mail,phone,city,age,score,seen\n" + "".join(f"s{n},till@shop.example,,,,,\n" for n in range(4))
    )
    assert kitchen.run(mapping({"by": ["email"], "most_keys": 3})).people == 7
    assert kitchen.run(mapping({"by": ["email"], "most_keys": 4})).people == 4


def test_people_keep_their_ids_when_links_come_and_go(kitchen: Kitchen) -> None:
    kitchen.run(mapping(None))
    before = {key: row["person_id"] for key, row in kitchen.people().items()}
    kitchen.run(mapping({"by": ["email", "phone"]}))
    linked = {key: row["person_id"] for key, row in kitchen.people().items()}
    assert linked == {key: before[key] for key in ("c1", "c2", "c3", "s3")}
    kitchen.run(mapping(None))
    after = {key: row["person_id"] for key, row in kitchen.people().items()}
    assert {key: after[key] for key in linked} == linked
    assert {after["s1"], after["s2"]}.isdisjoint(before.values())  # an id is never given again


def test_a_doubled_key_is_still_rejected(kitchen: Kitchen) -> None:
    kitchen.text("crm.csv", CRM + "c1,ada@example.com,,Bath,,,\n")
    run = kitchen.run(mapping({"by": ["email"]}))
    assert rejects(run) == [("crm.csv", 5, "id", "c1", "another row of this source has the same key")]
    assert cities(kitchen)["c1"] == "Leeds"


@pytest.mark.parametrize(
    ("link", "where", "problem"),
    [
        ({"by": ["emial"]}, "link.by[0]", 'no people source has identities of "emial"'),
        ({"by": ["email"], "wins": {"latest": "sen"}}, "link.wins.latest", 'no attribute "sen"'),
        ({"by": ["email"], "wins": {"latest": "home.city"}}, "link.wins.latest", "says no order"),
        ({"by": ["email"], "wins": "newest"}, "link.wins", "newest"),
        ({"by": []}, "link.by", "by"),
    ],
)
def test_mistakes_are_told_with_their_place(kitchen: Kitchen, link: Any, where: str, problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem) as caught:
        kitchen.run(mapping(link))
    assert caught.value.field == where


# ── against a plain reading ──

identity = st.tuples(st.sampled_from(["email", "phone"]), st.integers(0, 6).map(str))
fragments = st.lists(st.lists(identity, max_size=3), min_size=1, max_size=12)


def staged(folder: Path, number: int, keys: list[str], identities: list[list[tuple[str, str]]]) -> Stage:
    with Stage(folder, f"people[{number}]") as stage:
        stage.add_keys(pa.array(keys), "people.csv", np.arange(len(keys)))
        flat = [(row, *each) for row, own in enumerate(identities) for each in own]
        rows = np.array([row for row, _, _ in flat], np.int64)
        stage.add(
            "identities", rows,
            {"namespace": pa.array([n for _, n, _ in flat], pa.string()), "value": pa.array([v for _, _, v in flat])},
        )  # fmt: skip
    return stage


@settings(max_examples=15)
@given(fragments, st.integers(0, 12), st.integers(2, 4), st.booleans())
def test_people_are_the_components_that_networkx_finds(
    given_fragments: list[list[tuple[str, str]]], cut: int, most: int, phones_too: bool
) -> None:
    by = ("email", "phone") if phones_too else ("email",)
    keys = [f"k{number}" for number in range(len(given_fragments))]
    graph = nx.Graph()
    graph.add_nodes_from(range(len(keys)))
    for shared in {each for own in given_fragments for each in own if each[0] in by}:
        holders = [number for number, own in enumerate(given_fragments) if shared in own]
        if len(holders) <= most:
            graph.add_edges_from((holders[0], other) for other in holders[1:])
    first = {number: min(group) for group in nx.connected_components(graph) for number in group}
    ids = {root: number for number, root in enumerate(sorted(set(first.values())))}
    with TemporaryDirectory() as name, People(Path(name)) as people:
        stages = [
            staged(Path(name), 0, keys[:cut], given_fragments[:cut]),
            staged(Path(name), 1, keys[cut:], given_fragments[cut:]),
        ]
        people.resolve(stages, None, 0, Link(by=by, most_keys=most))
        found = np.concatenate([people.rows(stage) for stage in stages])
        assert found.tolist() == [ids[first[number]] for number in range(len(keys))]
        assert people.count == len(ids)
        everyone = {row["key"]: row["person_id"] for batch in people.everyone() for row in batch.to_pylist()}
        assert everyone == {keys[root]: person for root, person in ids.items()}


@given(st.lists(st.lists(st.integers(0, 4), max_size=8), min_size=1, max_size=3), st.randoms(use_true_random=False))
def test_turns_bring_every_row_once_and_the_higher_ones_later(owners: list[list[int]], random: Any) -> None:
    if not any(owners):
        return
    ranks = list(range(sum(map(len, owners))))
    random.shuffle(ranks)
    places = iter(ranks)
    tables = [
        pa.table(
            {
                "person_id": pa.array(sorted(own), pa.uint32()),
                PRECEDENCE: pa.array([next(places) for _ in own], pa.int64()),
            }
        )
        for own in owners
    ]
    seen: dict[int, list[int]] = {}
    for turn in rounds(tables):
        people = [person for table in turn for person in table["person_id"].to_pylist()]
        assert len(people) == len(set(people))
        for table in turn:
            for row in table.to_pylist():
                seen.setdefault(row["person_id"], []).append(row[PRECEDENCE])
    assert sorted(rank for own in seen.values() for rank in own) == sorted(ranks)
    assert all(own == sorted(own) for own in seen.values())


def test_the_latest_wins_and_who_does_not_say_loses(tmp_path: Path) -> None:
    stages = []
    for number, days in enumerate([[3, None], [1, 3]]):
        with Stage(tmp_path, f"people[{number}]") as stage:
            stage.add_keys(pa.array(["a", "b"]), "f", np.arange(2))
            stage.add("attributes", np.arange(2), {"day": pa.array(days, pa.date32())})
        stages.append(stage)
    ranks = ranks_of(stages, Link(by=("email",), wins=Wins.LATEST, latest="day"))
    assert [each.tolist() for each in ranks] == [[2, 0], [1, 3]]
