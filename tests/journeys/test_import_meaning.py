"""What the mapping says becomes true: bands, value maps, trees, events and windows, identities, follows, texts."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from houselights.base.errors import InvalidInput
from houselights.base.ids import stable_id
from houselights.identity.hashing import sha256_hex
from houselights.model.audience import AudienceKind
from tests.importing import Kitchen, rejects


@pytest.fixture
def kitchen(tmp_path: Path) -> Kitchen:
    kitchen = Kitchen.open(tmp_path)
    kitchen.text("people.csv", "id\na\nb\nc\n")
    return kitchen


def people(**more: Any) -> dict[str, Any]:
    return {"people": [{"files": "people.csv", "key": "id", **more}]}


# ── facets ──


def test_bands_hold_both_ends_and_completed_units(kitchen: Kitchen) -> None:
    kitchen.text("people.csv", "id,age\na,17\nb,18\nc,24.9\nd,25\ne,-3\nf,\ng,120\n")
    kitchen.run(
        people(facets={"age": {"column": "age", "bands": [[0, 17], [18, 24], [25, None]], "otherwise": "skip"}})
    )
    assert kitchen.traits() == {
        "a": {"age:0-17"}, "b": {"age:18-24"}, "c": {"age:18-24"}, "d": {"age:25+"},
        "e": set(), "f": set(), "g": {"age:25+"},
    }  # fmt: skip
    bands = [(t.key, t.name, t.low, t.high, t.order) for t in kitchen.index.catalogue.of("age")]
    assert bands == [
        ("0-17", "0-17", 0, 17, 0), ("18-24", "18-24", 18, 24, 1), ("25+", "25 and over", 25, None, 2),
    ]  # fmt: skip


def test_bands_may_be_in_any_order_with_gaps_and_fractions(kitchen: Kitchen) -> None:
    kitchen.text("people.csv", "id,score\na,0.5\nb,0.51\nc,2.5\nd,0.75\n")
    bands = [{"low": 0.75, "high": 2.5, "key": "high", "name": "High"}, [0, 0.5]]
    run = kitchen.run(people(facets={"score": {"column": "score", "bands": bands}}))
    assert kitchen.traits() == {"a": {"score:0-0.5"}, "c": {"score:high"}, "d": {"score:high"}}
    assert rejects(run) == [("people.csv", 3, "score", "0.51", "outside every band of score")]


@pytest.mark.parametrize(
    ("otherwise", "expected", "rejected"),
    [
        ("reject", {"a": {"sex:male"}, "c": set()}, 1),
        ("skip", {"a": {"sex:male"}, "b": set(), "c": set()}, 0),
        ("keep", {"a": {"sex:male"}, "b": {"sex:X"}, "c": set()}, 0),
    ],
)
def test_value_maps(kitchen: Kitchen, otherwise: str, expected: dict[str, set[str]], rejected: int) -> None:
    kitchen.text("people.csv", "id,sex\na, M \nb,X\nc,none\n")
    how = {"column": "sex", "values": {"M": "male", "none": None}, "otherwise": otherwise}
    assert kitchen.run(people(facets={"sex": how})).rows_rejected == rejected
    assert kitchen.traits() == expected


def test_numbers_and_booleans_as_values(kitchen: Kitchen) -> None:
    pq.write_table(pa.table({"id": [1, 2], "code": [3.0, None], "vip": [True, False]}), kitchen.files / "p.parquet")
    facets = {"code": {"column": "code", "values": {3: "three"}}, "vip": "vip"}
    kitchen.run({"people": [{"files": "p.parquet", "key": "id", "facets": facets}]})
    assert kitchen.traits() == {"1": {"code:three", "vip:true"}, "2": {"vip:false"}}


def test_constant_facets_and_attributes(kitchen: Kitchen) -> None:
    kitchen.run(people(facets={"country": {"value": "GB"}}, attributes={"home.country": {"value": "GB"}}))
    assert kitchen.counts() == {"country:GB": 3}
    assert kitchen.people()["a"]["home"] == {"country": "GB"}


# ── trees ──

PARENTS = "code,label,up,size\nfood,Food,,10\nvegan,Vegan cooking,cook,3\ncook,Cooking,food,7\nsport,Sport,,5\n"
PATHS = "code,where\nvegan,Food > Cooking > Vegan cooking\nsport,Sport\n"


def test_a_tree_by_parents_rolls_up_onto_people(kitchen: Kitchen) -> None:
    kitchen.text("tree.csv", PARENTS)
    kitchen.text("people.csv", "id,likes\na,vegan|sport\nb,cook\nc,\n")
    tree = {"files": "tree.csv", "id": "code", "name": "label", "parent": "up", "attributes": {"size": "size"}}
    kitchen.run(
        {**people(facets={"likes": {"column": "likes", "many": True}}),
         "facets": {"likes": {"name": "Interests", "discovery": "Interest", "traits": tree}}}
    )  # fmt: skip
    assert kitchen.traits() == {
        "a": {"likes:vegan", "likes:cook", "likes:food", "likes:sport"}, "b": {"likes:cook", "likes:food"}, "c": set(),
    }  # fmt: skip
    catalogue = kitchen.index.catalogue
    vegan = catalogue.find("likes", "vegan")
    assert vegan is not None
    assert vegan.path == ("Food", "Cooking", "Vegan cooking")
    assert vegan.attributes == {"size": "3"}
    assert [trait.key for trait in catalogue.of("likes")] == ["food", "vegan", "cook", "sport"]
    audience = kitchen.audiences(AudienceKind.REFERENCE)["Vegan cooking"]
    assert audience.id == vegan.audience_id == stable_id("reference", "likes", "vegan")
    assert (audience.category, audience.path) == ("Interest", ("Interests", "Food", "Cooking"))
    assert audience.rule == {"version": 1, "rule": {"trait": {"facet": "likes", "any_of": ["vegan"]}}}


def test_a_tree_by_paths_makes_the_nodes_between(kitchen: Kitchen) -> None:
    kitchen.text("tree.csv", PATHS)
    kitchen.text("people.csv", "id,likes\na,vegan\n")
    facets = {
        "likes": {
            "discovery": {"category": "Interest", "path": []},
            "traits": {"files": "tree.csv", "id": "code", "path": "where"},
        }
    }
    kitchen.run({**people(facets={"likes": "likes"}), "facets": facets})
    assert kitchen.traits()["a"] == {"likes:vegan", "likes:Food > Cooking", "likes:Food"}
    assert kitchen.audiences(AudienceKind.REFERENCE)["Vegan cooking"].path == ("Food", "Cooking")


def test_values_outside_a_table_are_rejected_until_told_otherwise(kitchen: Kitchen) -> None:
    kitchen.text("tree.csv", PARENTS)
    kitchen.text("people.csv", "id,likes\na,golf\n")
    facets = {"likes": {"traits": {"files": "tree.csv", "id": "code"}}}
    run = kitchen.run({**people(facets={"likes": "likes"}), "facets": facets})
    assert rejects(run) == [("people.csv", 2, "likes", "golf", "not a known likes")]
    kitchen.run({**people(facets={"likes": {"column": "likes", "otherwise": "keep"}}), "facets": facets})
    assert kitchen.traits()["a"] == {"likes:golf"}


def test_bad_rows_of_a_table(kitchen: Kitchen) -> None:
    kitchen.text("tree.csv", "code,up\na,\nb,zoo\nc,b\na,\n,a\n")
    traits = {"files": "tree.csv", "id": "code", "parent": "up"}
    run = kitchen.run({**people(), "facets": {"likes": {"traits": traits}}})
    assert sorted((line, reason) for _, line, _, _, reason in rejects(run)) == [
        (3, "no such parent"), (4, "no such parent"), (5, "the trait is there twice"), (6, "empty"),
    ]  # fmt: skip
    kitchen.text("tree.csv", "code,up\na,b\nb,a\n")
    with pytest.raises(InvalidInput, match="turn in a circle"):
        kitchen.run({**people(), "facets": {"likes": {"traits": traits}}})


def test_a_list_of_traits_in_the_file_itself(kitchen: Kitchen) -> None:
    kitchen.text("people.csv", "id,e\na,bachelor\n")
    traits = [
        {"id": "hs", "name": "High school"},
        {"id": "bachelor", "name": "Bachelor", "low": 1, "description": "A degree"},
    ]
    kitchen.run(
        {
            **people(facets={"e": "e"}),
            "facets": {"e": {"name": "Education", "traits": traits, "discovery": "Demographics"}},
        }
    )
    assert kitchen.counts() == {"e:hs": 0, "e:bachelor": 1}
    with pytest.raises(InvalidInput, match='"bachelors" is not among the traits of "e"') as refusal:
        kitchen.run(
            {**people(facets={"e": {"column": "e", "values": {"x": "bachelors"}}}), "facets": {"e": {"traits": traits}}}
        )
    assert refusal.value.hint == 'did you mean "bachelor"?'


# ── several sources ──


def test_sources_add_columns_and_people(kitchen: Kitchen) -> None:
    kitchen.text("one.csv", "id,name,town,sex\na,Ada,Rome,F\nb,Ben,,M\n")
    kitchen.text("two.csv", "key,town,sex,n\nb,Oslo,F,4\nc,Bonn,,\na,,,2\n")
    first = {
        "files": "one.csv",
        "key": "id",
        "attributes": {"name": "name", "home.town": "town"},
        "facets": {"sex": "sex"},
    }
    second = {
        "files": "two.csv",
        "key": "key",
        "attributes": {"home.town": "town", "home.n": {"column": "n", "type": "int"}},
        "facets": {"sex": "sex"},
    }
    kitchen.run({"people": [first, second]})
    assert {key: (row["name"], row["home"]) for key, row in kitchen.people().items()} == {
        "a": ("Ada", {"town": "Rome", "n": 2}),
        "b": ("Ben", {"town": "Oslo", "n": 4}),
        "c": (None, {"town": "Bonn", "n": None}),
    }  # fmt: skip
    # A single-valued facet that both speak of: the later one wins where it knows.
    assert kitchen.traits() == {"a": {"sex:F"}, "b": {"sex:F"}, "c": set()}


# ── events ──


def test_time_zones_and_clock_changes(kitchen: Kitchen) -> None:
    times = [
        "2026-07-01 12:00",
        "2026-03-08T02:30:00",
        "2026-11-01T01:30:00",
        "2026-07-01T12:00:00+02:00",
        "2026-07-01",
        "x",
        "",
    ]
    kitchen.text("events.csv", "who,at\n" + "".join(f"a,{time}\n" for time in times))
    source = {
        "files": "events.csv",
        "person": "who",
        "time": {"column": "at", "zone": "America/New_York"},
        "type": "visit",
    }
    run = kitchen.run({**people(), "events": [source]})
    assert sorted(row["time"] for row in kitchen.table("events")) == [
        datetime(2026, 7, 1, 4, tzinfo=UTC),
        datetime(2026, 7, 1, 10, tzinfo=UTC),
        datetime(2026, 7, 1, 16, tzinfo=UTC),
        datetime(2026, 11, 1, 5, 30, tzinfo=UTC),  # the first of two half past ones
    ]
    assert [(line, value) for _, line, _, value, _ in rejects(run)] == [(3, "2026-03-08T02:30:00"), (7, "x"), (8, "")]


@pytest.mark.parametrize(
    ("form", "cell"),
    [
        ("unix", "1767225600"), ("unix_ms", "1767225600000"), ("unix_us", "1767225600000000"),
        ("%d/%m/%Y %H:%M", "01/01/2026 01:00"), (None, "2026-01-01T00:00:00Z"), (None, "2026-01-01T01:00:00.000000"),
    ],
)  # fmt: skip
def test_forms_of_time(kitchen: Kitchen, form: str | None, cell: str) -> None:
    kitchen.text("events.csv", f"who,at\na,{cell}\n")
    time = {"column": "at", "zone": "Europe/Berlin", **({"format": form} if form else {})}
    kitchen.run({**people(), "events": [{"files": "events.csv", "person": "who", "time": time, "type": "visit"}]})
    assert [row["time"] for row in kitchen.table("events")] == [datetime(2026, 1, 1, tzinfo=UTC)]


def test_events_with_nested_items_from_json_and_parquet(kitchen: Kitchen) -> None:
    items = [{"sku": "s1", "node": "pans", "price": 9.5}, {"sku": "s2", "node": None, "price": None}]
    rows = [{"who": "a", "at": "2026-10-01T00:00:00Z", "shop": 7, "items": items},
            {"who": "b", "at": "2026-10-02T00:00:00Z", "shop": 8, "items": []}]  # fmt: skip
    kitchen.text("events.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    pq.write_table(pa.Table.from_pylist(rows), kitchen.files / "events.parquet")
    price = {"column": "price", "type": "float"}
    attributes = {
        "shop.number": {"column": "shop", "type": "int"},
        "items": {"column": "items", "nested": {"id": "sku", "node": "node", "price": price}},
    }  # fmt: skip
    found = []
    for name in ("events.jsonl", "events.parquet"):
        source = {"files": name, "person": "who", "time": "at", "type": "order", "attributes": attributes}
        kitchen.run({**people(), "events": [source]})
        found.append(kitchen.by_key("events"))
    assert found[0] == found[1]
    (order,) = found[0]["a"]
    assert order["shop"] == {"number": 7}
    assert order["items"] == [{"id": "s1", "node": "pans", "price": 9.5}, {"id": "s2", "node": None, "price": None}]
    assert found[0]["b"][0]["items"] == []


def test_facets_derived_from_nested_items_in_a_window(kitchen: Kitchen) -> None:
    kitchen.text("tree.csv", "id,name,up\nhome,Home,\npans,Pans,home\ntoys,Toys,\n")
    rows = [
        ("a", "2026-10-02T00:00:00Z", ["pans", "toys"]),  # the window's first instant
        ("a", "2026-11-01T00:00:00Z", ["pans"]),  # its last
        ("b", "2026-10-01T23:59:59.999999Z", ["pans"]),  # one microsecond too old
        ("b", "2026-11-01T00:00:00.000001Z", ["toys"]),  # still to come
        ("c", "2026-10-15T12:00:00Z", ["pans", "pans", "golf"]),
    ]
    kitchen.text(
        "orders.jsonl",
        "".join(json.dumps({"who": w, "at": t, "items": [{"n": n} for n in nodes]}) + "\n" for w, t, nodes in rows),
    )
    tree = {"files": "tree.csv", "id": "id", "name": "name", "parent": "up"}
    mapping: dict[str, Any] = {
        **people(),
        "facets": {"bought": {"name": "Bought", "traits": tree}},
        "events": [{"files": "orders.jsonl", "person": "who", "time": "at", "type": "order",
                    "attributes": {"items": {"column": "items", "nested": {"node": "n"}}}}],
        "derived": {"bought": {"facet": "bought", "from": "order", "trait": "items.node", "within_days": 30}},
    }  # fmt: skip
    kitchen.run(mapping)
    assert kitchen.traits() == {
        "a": {"bought:pans", "bought:home", "bought:toys"},
        "b": set(),
        "c": {"bought:pans", "bought:home"},
    }
    ids = {trait.key: trait.id for trait in kitchen.index.catalogue.of("bought")}
    pans = next(row for row in kitchen.by_key("traits")["a"] if row["trait_id"] == ids["pans"])
    assert pans["first_seen"] == datetime(2026, 10, 2, tzinfo=UTC)
    assert pans["last_seen"] == datetime(2026, 11, 1, tzinfo=UTC)
    assert kitchen.index.catalogue.facets["bought"].window_days == 30
    assert kitchen.index.catalogue.facets["bought"].multi
    assert len(kitchen.table("events")) == 5
    # Only those who bought twice: two orders make it, two pans in one order do not.
    kitchen.run({**mapping, "derived": {"bought": {**mapping["derived"]["bought"], "at_least": 2}}})
    assert kitchen.traits() == {"a": {"bought:pans", "bought:home"}, "b": set(), "c": set()}


def test_derived_facets_with_conditions_and_value_maps(kitchen: Kitchen) -> None:
    kitchen.text("views.csv", "who,at,genre,done\na,2026-10-31,Dr,true\na,2026-10-31,Co,false\nb,2026-10-31,Xx,true\n")
    source = {"files": "views.csv", "person": "who", "time": "at", "type": "view",
              "attributes": {"genre": "genre", "done": {"column": "done", "type": "bool"}}}  # fmt: skip
    derived = {"facet": "genre", "from": "view", "trait": "genre", "within_days": 9, "where": {"done": True}}
    kitchen.run(
        {**people(), "events": [source], "derived": {"g": {**derived, "values": {"Dr": "drama", "Co": "comedy"}}}}
    )
    assert kitchen.traits() == {"a": {"genre:drama"}, "b": set(), "c": set()}
    kitchen.run({**people(), "events": [source], "derived": {"g": derived}})
    assert kitchen.traits() == {"a": {"genre:Dr"}, "b": {"genre:Xx"}, "c": set()}


@pytest.mark.parametrize("wanted", [12, 12.0, "12", [7, 12.0]])
def test_conditions_on_numbers_hold_however_the_number_is_written(kitchen: Kitchen, wanted: object) -> None:
    kitchen.text("visits.csv", "who,at,shop\na,2026-10-31,12\nb,2026-10-31,12.5\n")
    source = {"files": "visits.csv", "person": "who", "time": "at", "type": "visit",
              "attributes": {"shop": {"column": "shop", "type": "float"}}}  # fmt: skip
    derived = {"facet": "shop", "from": "visit", "trait": "shop", "within_days": 9, "where": {"shop": wanted}}
    kitchen.run({**people(), "events": [source], "derived": {"s": derived}})
    assert kitchen.traits() == {"a": {"shop:12"}, "b": set(), "c": set()}


def test_measures_from_events_and_columns(kitchen: Kitchen) -> None:
    rows = [
        "a,2026-10-31T23:00:00Z,4", "a,2026-10-31T00:00:01Z,2",  # the same day, counted back from as_of
        "a,2026-10-22T00:00:00Z,4",  # exactly ten days: still the oldest day
        "b,2026-10-30T00:00:00Z,0", "b,2026-09-01T00:00:00Z,9", "c,2026-09-01T00:00:00Z,9",
    ]  # fmt: skip
    kitchen.text("ads.csv", "who,at,n\n" + "\n".join(rows) + "\n")
    kitchen.text("people.csv", "id,spent\na,1.5\nb,\nc,2\n")
    source = {
        "files": "ads.csv",
        "person": "who",
        "time": "at",
        "type": "ad",
        "attributes": {"n": {"column": "n", "type": "int"}},
    }
    derived = {"ads": {"measures": "ad_opportunities", "from": "ad", "within_days": 10, "count": "n"}}
    kitchen.run({**people(measures={"spent": "spent"}), "events": [source], "derived": derived})
    found = {key: {row["measure"]: row["value"] for row in rows} for key, rows in kitchen.by_key("measures").items()}
    assert found == {
        "a": {"daily_impressions": 1.0, "daily_reach": 0.2, "spent": 1.5},
        "b": {"daily_impressions": 0.0, "daily_reach": 0.0},
        "c": {"spent": 2.0},
    }
    own = {"visits": {"measures": {"per_day": "visits"}, "from": "ad", "within_days": 10}}
    kitchen.run({**people(), "events": [source], "derived": own})
    assert {key: rows[0]["value"] for key, rows in kitchen.by_key("measures").items()} == {"a": 0.3, "b": 0.1}


# ── identities, follows, texts ──


def test_identities_raw_and_hashed(kitchen: Kitchen) -> None:
    done = sha256_hex("done@example.com")
    kitchen.text(
        "people.csv",
        "id,mail,mails,hash,phone,ad,crm\n"
        f"a, Ada.L@Example.com ,x@example.com|y@example.com,{done.upper()},(206) 555-0100,AAAA-bb,C1\n"
        f"b,nonsense,,,,,\nc,{done},,,,,\n",
    )
    identities = {
        "email": "mail", "phone": {"column": "phone", "country": "US"}, "maid": "ad", "external:crm": "crm",
        "md5": {"column": "crm"},
    }  # fmt: skip
    more = {"files": "people.csv", "key": "id",
            "identities": {"email": {"column": "hash", "hashed": True}}}  # fmt: skip
    many = {"files": "people.csv", "key": "id", "identities": {"email": {"column": "mails", "many": True}}}
    kitchen.run({"people": [*people(identities=identities)["people"], more, many]})
    found = {
        (key, row["namespace"], row["value"]) for key, rows in kitchen.by_key("identities").items() for row in rows
    }
    emails = {("a", "email", sha256_hex(mail)) for mail in ("ada.l@example.com", "x@example.com", "y@example.com")}
    assert found == emails | {
        ("a", "email", done), ("c", "email", done),
        ("a", "phone", sha256_hex("12065550100")), ("a", "phone", sha256_hex("+12065550100")),
        ("a", "maid", "aaaa-bb"), ("a", "external:crm", "C1"), ("a", "md5", "c1"),
    }  # fmt: skip
    raw = b"".join(path.read_bytes() for path in (kitchen.parts.settings.data / "lake").rglob("*.parquet"))
    assert b"xample.com" not in raw  # raw identities never reach the lake


def test_identity_by_name_and_address(kitchen: Kitchen) -> None:
    kitchen.text(
        "people.csv", "id,f,l,street,zip,town\na,Ada,O'Neil,123 East Main St. Apt #5,10001-1234,New York\nb,Ben,,,,\n"
    )
    columns = {
        "first_name": "f",
        "last_name": "l",
        "address": "street",
        "postal": "zip",
        "city": "town",
        "country": {"value": "US"},
    }
    kitchen.run(people(identities={"postal": columns}))
    names = {row["namespace"] for row in kitchen.by_key("identities")["a"]}
    assert names == {"name_address_postal", "name_postal_city"}
    fields = ("ada", "oneil", "123emainstaptnumber5", "10001")
    value = sha256_hex("|".join(sha256_hex(field) for field in fields))
    assert value in {row["value"] for row in kitchen.by_key("identities")["a"]}
    assert "b" not in kitchen.by_key("identities")


def test_follow_graphs(kitchen: Kitchen) -> None:
    kitchen.text("accounts.csv", "id,handle,called,n\n1,@nasa,NASA,5000\n2,@bbc,,300\n")
    kitchen.text("follows.csv", "who,acc,seen\na,1,2026-01-01\na,1,2026-02-01\nb,2,\nb,77,2026-03-01\n")
    source = {
        "files": "follows.csv", "person": "who", "platform": "twitter", "account": "acc", "last_active": "seen",
        "accounts": {"files": "accounts.csv", "id": "id", "screen_name": "handle", "name": "called", "followers": "n"},
    }  # fmt: skip
    kitchen.run({**people(), "follows": [source]})
    assert kitchen.traits() == {
        "a": {"follows_twitter:1"},
        "b": {"follows_twitter:2", "follows_twitter:77"},
        "c": set(),
    }
    catalogue = kitchen.index.catalogue
    assert catalogue.facets["follows_twitter"].role == "follows"
    assert [(t.key, t.name, dict(t.attributes)) for t in catalogue.of("follows_twitter")] == [
        ("1", "NASA", {"screen_name": "@nasa", "name": "NASA", "followers": 5000}),
        ("2", "@bbc", {"screen_name": "@bbc", "followers": 300}),
        ("77", "77", {}),
    ]
    (edge,) = kitchen.by_key("follows")["a"]
    assert edge == {"platform": "twitter", "account": "1", "last_active": datetime(2026, 2, 1, tzinfo=UTC)}
    assert kitchen.by_key("traits")["a"][0]["last_seen"] == datetime(2026, 2, 1, tzinfo=UTC)
    assert kitchen.by_key("traits")["a"][0]["first_seen"] is None


def test_follows_on_several_platforms(kitchen: Kitchen) -> None:
    kitchen.text("follows.csv", "who,where,acc\na,Twitter,1\na,My Space,1\n")
    kitchen.run(
        {
            **people(),
            "follows": [{"files": "follows.csv", "person": "who", "platform": {"column": "where"}, "account": "acc"}],
        }
    )
    assert kitchen.traits()["a"] == {"follows_twitter:1", "follows_my_space:1"}


def test_texts_are_folded(kitchen: Kitchen) -> None:
    kitchen.text("texts.csv", 'who,kind,at,what\na,post,2026-10-01,"Café, au lait!"\na,bio,,Baker\nb,bio,,\n')
    source = {"files": "texts.csv", "person": "who", "field": {"column": "kind"}, "time": "at", "text": "what"}
    run = kitchen.run({**people(), "texts": [source]})
    assert run.rows_rejected == 0
    assert kitchen.by_key("texts") == {
        "a": [
            {"field": "bio", "time": None, "text": "Baker", "folded": " baker "},
            {
                "field": "post",
                "time": datetime(2026, 10, 1, tzinfo=UTC),
                "text": "Café, au lait!",
                "folded": " cafe au lait ",
            },
        ]
    }


# ── what else the file says ──


def test_ready_made_audiences_accounts_and_privacy(kitchen: Kitchen) -> None:
    kitchen.text("people.csv", "id,sex\na,F\nb,M\nc,F\n")
    women = {"name": "Women", "rule": {"trait": {"facet": "sex", "any_of": ["F"]}}, "id": 123456789012345678}
    others = {
        "name": "Others",
        "kind": "advertiser",
        "account": "Shop",
        "rule": {"not": {"audience": "123456789012345678"}},
    }
    accounts = [
        {"kind": "advertiser", "name": "Shop", "parent": "AG", "country": "GB"},
        {"kind": "agency", "name": "Agency", "external_id": "AG"},
    ]
    mapping = {
        **people(facets={"sex": "sex"}), "audiences": [others, women], "accounts": accounts,
        "privacy": {"minimum_cell": 3, "minimum_audience": 7, "bands": [0, 5]},
    }  # fmt: skip
    kitchen.run(mapping)
    control = kitchen.parts.control
    shop, agency = (stable_id("account", name) for name in ("Shop", "AG"))
    assert control.accounts.get(kitchen.workspace_id, shop).parent_id == agency
    policy = control.workspaces.get(kitchen.workspace_id).privacy
    assert (policy.minimum_cell, policy.minimum_audience, policy.bands) == (3, 7, (0, 5))
    made = kitchen.audiences(AudienceKind.ADVERTISER)["Others"]
    assert (made.account_id, made.category) == (shop, "Advertiser audiences")
    assert control.audiences.dependencies(kitchen.workspace_id, made.id) == {123456789012345678}
    # Changed: a new version. Gone: archived.
    kitchen.run({**mapping, "audiences": [{**women, "name": "Women all"}]})
    changed = kitchen.audiences(AudienceKind.CUSTOM)["Women all"]
    assert (changed.id, changed.version) == (123456789012345678, 2)
    assert kitchen.audiences(AudienceKind.ADVERTISER)["Others"].status == "archived"


def test_a_ready_made_audience_that_does_not_hold(kitchen: Kitchen) -> None:
    audience = {"name": "Women", "rule": {"trait": {"facet": "sexx", "any_of": ["F"]}}}
    with pytest.raises(InvalidInput, match=r'audiences\[0\]\.rule.*in the rule of "Women"'):
        kitchen.run({**people(facets={"sex": {"value": "F"}}), "audiences": [audience]})
    assert kitchen.parts.control.generations.current(kitchen.workspace_id) is None


def test_as_of_is_the_clock_unless_said(kitchen: Kitchen) -> None:
    kitchen.run(
        kitchen.text("population.yaml", "version: 1\nworkspace: test\npeople: [{files: people.csv, key: id}]\n")
    )
    assert kitchen.generation.as_of == kitchen.parts.clock.now()
