"""The demo world through the ordinary import: nothing rejected, unchanged the second time, answers that make sense."""

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow.dataset as ds
import pytest

from houselights.app import build_house
from houselights.base.settings import Settings
from houselights.identity.namespaces import identities
from houselights.model.audience import AudienceFilter
from houselights.model.imports import ImportRun, ImportState
from houselights.rules.tree import HasTrait, Mentions
from houselights.services.caller import Caller
from houselights.services.demo.answers import sample_answers, summary_lines
from houselights.services.demo.stamp import WorldSummary
from houselights.services.demo.world import write_world
from houselights.services.house import House
from houselights.services.imports.parts import Parts
from houselights.services.imports.run import run_import

pytestmark = pytest.mark.slow

PEOPLE = 20_000


@dataclass(frozen=True)
class Demo:
    house: House
    caller: Caller
    parts: Parts
    world: WorldSummary
    run: ImportRun


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("demo")
    world = write_world(folder / "world", people=PEOPLE)
    house = build_house(Settings(data=folder))
    parts = Parts(settings=house.settings, control=house.control, lake=house.lake, clock=house.clock)
    run = run_import(parts, world.population)
    workspace = house.control.workspaces.by_name(world.workspace)
    assert workspace is not None
    yield Demo(house, Caller.local(workspace), parts, world, run)
    house.control.database.dispose()


def test_nobody_is_rejected(demo: Demo) -> None:
    assert demo.run.state is ImportState.SUCCEEDED
    assert demo.run.people == PEOPLE
    assert demo.run.rows_rejected == 0
    assert demo.run.rows_read == sum(demo.world.rows.values())


def test_importing_it_again_changes_nothing(demo: Demo) -> None:
    again = run_import(demo.parts, demo.world.population)
    assert again.state is ImportState.UNCHANGED
    assert again.generation == demo.run.generation


def test_there_is_plenty_to_discover(demo: Demo) -> None:
    _, total = demo.house.audiences.list(demo.caller, AudienceFilter())
    assert total > 500
    for category in ("Demographics", "In-market", "Interest", "Lifestyle", "Life event", "Advertiser audiences"):
        _, count = demo.house.audiences.list(demo.caller, AudienceFilter(categories=frozenset({category})))
        assert count >= 25, category


def test_every_person_carries_some_dozens_of_traits(demo: Demo) -> None:
    snapshot = demo.house.snapshots.current(demo.caller.workspace.id)
    each = snapshot.index.trait_counts.sum() / PEOPLE
    assert 40 < each < 70


def test_the_sample_answers_say_something(demo: Demo) -> None:
    size, bought, overlap = sample_answers(demo.house, demo.caller)
    assert f"of {PEOPLE:,} people" in size.lines[-1]
    assert len(bought.lines) == 5
    assert all("Baby" in line or "Children" in line or "Toys" in line for line in bought.lines)
    assert overlap.lines[0].endswith("of the second")
    assert next(iter(summary_lines(demo.world))).startswith(f"{PEOPLE:,} people")


def test_a_window_leaves_out_what_is_long_ago(demo: Demo) -> None:
    """Orders go back 500 days and the facet 365, product lines only 180."""
    buyers = ds.dataset(list(demo.world.folder.glob("purchases-*.parquet"))).to_table(columns=["person_id"])[
        "person_id"
    ]
    ever = len(buyers.unique())
    catalogue = demo.house.snapshots.current(demo.caller.workspace.id).catalogue
    roots = tuple(trait.key for trait in catalogue.of("purchase_category") if len(trait.path) == 1)
    in_a_year = demo.house.insights.size(demo.caller, HasTrait("purchase_category", roots)).exact or 0
    assert 0.75 * ever < in_a_year < 0.97 * ever


def test_a_mailed_hash_finds_the_person(demo: Demo) -> None:
    people = ds.dataset(list(demo.world.folder.glob("people-*.parquet"))).head(50, columns=["person_id", "email"])
    known = {row["email"]: row["person_id"] for row in people.to_pylist() if row["email"]}
    workspace = demo.caller.workspace.id
    generation = demo.house.control.generations.current(workspace)
    assert generation is not None
    stored = demo.house.lake.dataset(workspace, "identities", generation.tables["identities"])
    for address in list(known)[:5]:
        value = identities("email", address)[0]
        hits = stored.to_table(filter=(ds.field("namespace") == "email") & (ds.field("value") == value))
        assert hits.num_rows == 1


def test_words_in_texts_can_be_asked_for(demo: Demo) -> None:
    size = demo.house.insights.size(demo.caller, Mentions(("bio_twitter", "post_twitter"), ("golang",)))
    assert (size.exact or 0) > 100
