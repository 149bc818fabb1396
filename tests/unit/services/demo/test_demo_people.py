"""The people of the demo world hang together: what they are like shows in what they do."""

import hashlib
from pathlib import Path

import duckdb
import pytest

from houselights.services.demo.world import write_world

PEOPLE = 30_000


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """The files of a world as SQL views, one per kind."""
    folder = tmp_path_factory.mktemp("people")
    write_world(folder, people=PEOPLE, seed=5)
    connection = duckdb.connect()
    for kind in ("people", "mailing", "partner", "purchases", "views", "opportunities", "follows", "texts"):
        connection.execute(f"create view {kind} as select * from '{folder}/{kind}-*.parquet'")
    for table in ("browse_nodes", "titles", "cities"):
        connection.execute(f"create view {table} as select * from '{Path(folder) / table}.parquet'")
    return connection


def one(database: duckdb.DuckDBPyConnection, query: str) -> float:
    row = database.execute(query).fetchone()
    assert row is not None
    return float(row[0])


def affinity(database: duckdb.DuckDBPyConnection, audience: str, trait: str) -> float:
    """P(trait | audience) / P(trait), both given as SQL conditions on people."""
    return one(
        database,
        f"select (count(*) filter (({audience}) and ({trait})) / count(*) filter ({audience}))"
        f" / (count(*) filter ({trait}) / count(*)) from people",
    )


def carries(column: str, key: str) -> str:
    return f"list_contains({column}, '{key}')"


PARENT = "children_count > 0"
BABY = "len(list_filter(children_ages, lambda a: a <= 2)) > 0"


@pytest.mark.parametrize(
    ("audience", "trait", "least"),
    [
        (BABY, carries("in_market", "nappies-and-wipes"), 6),
        (BABY, carries("lifestyle", "new-parents"), 6),
        (carries("lifestyle", "core-gamers"), "age < 25", 1.7),
        (carries("lifestyle", "core-gamers"), "gender = 'male'", 1.4),
        (carries("interests", "make-up-tutorials"), "gender = 'female'", 1.6),
        (carries("lifestyle", "retired-and-active"), "age >= 65", 2),
        (carries("in_market", "luxury-cars"), "income_usd >= 150000", 2),
        (carries("interests", "american-football"), "country = 'US'", 1.5),
        (carries("interests", "cricket"), "country = 'IN'", 2),
        ("occupation = 'software-and-data'", carries("interests", "programming"), 1.9),
        ("occupation = 'health-care'", "gender = 'female'", 1.3),
        ("education = 'graduate_degree'", "occupation = 'legal'", 1.7),
        (carries("personality", "curiosity"), carries("personality", "openness"), 1.8),
        ("age between 60 and 80", "home = 'owning'", 1.2),
    ],
)
def test_what_belongs_together_goes_together(
    database: duckdb.DuckDBPyConnection, audience: str, trait: str, least: float
) -> None:
    assert affinity(database, audience, trait) > least


@pytest.mark.parametrize(
    ("audience", "trait"),
    [
        ("gender = 'female'", carries("life_events", "turning-30")),
        ("person_id % 2 = 0", carries("interests", "baking")),
        ("home = 'renting'", carries("personality", "sympathy")),
    ],
)
def test_what_has_nothing_to_do_with_it_stays_near_one(
    database: duckdb.DuckDBPyConnection, audience: str, trait: str
) -> None:
    assert affinity(database, audience, trait) == pytest.approx(1, abs=0.2)


def test_parents_of_babies_buy_nappies(database: duckdb.DuckDBPyConnection) -> None:
    buyers = """(select distinct person_id from purchases, unnest(items) as i(item) join browse_nodes n
                 on n.key = item.browse_node where n.name = 'Nappies')"""
    among = one(database, f"select count(*) filter (person_id in {buyers}) / count(*) from people where {BABY}")
    overall = one(database, f"select count(*) filter (person_id in {buyers}) / count(*) from people")
    assert among > 6 * overall


def test_gamers_are_on_twitch(database: duckdb.DuckDBPyConnection) -> None:
    there = "(select person_id from follows where platform = 'twitch')"
    share = f"select count(*) filter (person_id in {there}) / count(*) from people"
    gamers = one(database, f"{share} where {carries('lifestyle', 'core-gamers')}")
    overall = one(database, share)
    assert gamers > 3 * overall


def test_children_are_shown_what_is_made_for_them(database: duckdb.DuckDBPyConnection) -> None:
    watched = "(select person_id from views where list_contains(genres, 'Children'))"
    parents = one(database, f"select count(*) filter (person_id in {watched}) / count(*) from people where {PARENT}")
    others = one(database, f"select count(*) filter (person_id in {watched}) / count(*) from people where not {PARENT}")
    assert parents > 4 * others


def test_texts_speak_of_tastes(database: duckdb.DuckDBPyConnection) -> None:
    golang = "(select person_id from texts where text ilike '%golang%')"
    share = f"select count(*) filter (person_id in {golang}) / count(*) from people"
    programmers = one(database, f"{share} where {carries('interests', 'programming')}")
    overall = one(database, share)
    assert programmers > 2 * overall > 0


def test_shares_are_plausible(database: duckdb.DuckDBPyConnection) -> None:
    assert one(database, "select avg((gender = 'female')::int) from people") == pytest.approx(0.49, abs=0.02)
    assert one(database, "select avg((gender = 'unknown')::int) from people") == pytest.approx(0.03, abs=0.01)
    assert one(database, "select avg((country = 'US')::int) from people") == pytest.approx(0.46, abs=0.015)
    assert one(database, "select avg(age) from people") == pytest.approx(46, abs=2)
    assert one(database, "select avg(age) filter (country = 'IN') from people") < 40
    assert one(database, "select min(age) from people") >= 18
    assert one(database, "select avg((age is null)::int) from people") == pytest.approx(0.045, abs=0.01)


def test_traits_are_many_and_their_sizes_spread(database: duckdb.DuckDBPyConnection) -> None:
    shares = database.execute(
        f"""select count(*) / {PEOPLE} from (select unnest(interests || in_market || lifestyle || life_events) as t
            from people) group by t"""
    ).fetchall()
    sizes = sorted(share for (share,) in shares)
    assert len(sizes) > 350
    assert sizes[0] < 0.002
    assert sizes[-1] > 0.1
    lists = ("in_market", "interests", "lifestyle", "life_events", "personality", "affinities")
    each = one(database, f"select avg({' + '.join(f'len({name})' for name in lists)}) from people")
    assert 15 < each < 30  # with forms, places, purchases, videos, follows and ancestors: about 55


def test_birthdays_agree_with_ages(database: duckdb.DuckDBPyConnection) -> None:
    wrong = "date_diff('year', birth_date, date '2026-11-01') - ((month(birth_date), day(birth_date)) > (11, 1))::int"
    assert one(database, f"select count(*) from people where {wrong} <> age") == 0
    assert one(database, "select count(*) from people where birth_year <> year(birth_date)") == 0


def test_children_are_younger_than_their_parents(database: duckdb.DuckDBPyConnection) -> None:
    assert one(database, "select min(age - list_max(children_ages)) from people") >= 15
    assert one(database, "select count(*) from people where children_count <> len(children_ages)") == 0


def test_income_is_in_the_money_of_the_country(database: duckdb.DuckDBPyConnection) -> None:
    assert (
        one(
            database,
            "select count(*) from people where income_eur is not null and country not in ('DE','FR','IT','ES','NL')",
        )
        == 0
    )
    assert one(database, "select median(income_jpy) from people") > 1_000_000
    assert one(database, "select median(income_usd) from people") == pytest.approx(74_000, rel=0.25)


def test_namesake_cities_keep_apart(database: duckdb.DuckDBPyConnection) -> None:
    assert one(database, "select count(distinct key) from cities where name = 'Springfield'") > 2
    assert one(database, "select count(*) from cities where name in ('West New York', 'East New York')") == 2


def test_hashes_are_of_the_address_as_it_stands(database: duckdb.DuckDBPyConnection) -> None:
    """A client who hashes a known person's address the usual way meets them: it is trimmed and lower case already."""
    files = "people join partner using (person_id)"
    assert one(database, f"select count(*) from {files} where email is not null and email_sha256 is not null") == 0
    assert one(database, "select count(*) from people where email <> lower(trim(email))") == 0
    known = database.execute(f"select email, email_md5 from {files} where email_md5 is not null and email is not null")
    for address, digest in known.fetchmany(50):
        assert digest == hashlib.md5(address.encode(), usedforsecurity=False).hexdigest()


def test_identities_tell_people_apart(database: duckdb.DuckDBPyConnection) -> None:
    for name in (
        "email_sha256",
        "cookie",
        "maid",
        "crm_id",
        "panel_id",
        "ss_id",
        "twitter_id",
        "twitter_user",
        "ramp_id",
        "cint_id",
        "ma_id",
    ):
        assert one(database, f"select count({name}) - count(distinct {name}) from partner") == 0
        assert one(database, f"select count({name}) from partner") > 500
    assert one(database, "select count(email) - count(distinct email) from people") == 0
    assert one(database, "select count(phone) - count(distinct phone) from people") == 0


def test_opportunities_are_at_most_one_row_a_day(database: duckdb.DuckDBPyConnection) -> None:
    assert one(database, "select count(*) - count(distinct (person_id, occurred_at)) from opportunities") == 0
    assert one(database, "select min(opportunities) from opportunities") >= 1
    assert one(database, "select count(distinct occurred_at) from opportunities") == 30
