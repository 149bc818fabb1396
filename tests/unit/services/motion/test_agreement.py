"""Whatever the path, membership is the same: over everybody, as profiles arrive, of one person at once, and plainly.

The twelve live through random mornings: profiles change, people appear, things are done. After every micro-batch each
audience is asked in all four ways.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from houselights.apis.adobe.language.parse import parse
from houselights.app import build_house
from houselights.base.settings import Settings
from houselights.engine.plain import matches
from houselights.model.audience import Audience, Evaluation
from houselights.rules.tree import And, HasTrait, InAudience, Listed, Not, Or, Rule, Where
from houselights.services.caller import Caller
from houselights.services.edge import Arriving
from houselights.services.house import House
from houselights.services.motion.incoming import Incoming, NewEvent, NewProfile, Who
from houselights.services.resolver import Resolver
from tests.settle import settle_twelve
from tests.world import IDS

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CITIES = ("Leeds", "York", None)
KINDS = ("buy", "open", "share")


def pql(text: str) -> Where:
    return Where(parse(text).tree)


# Each may name those before it, as `{name}`.
EXPRESSIONS: Mapping[str, str] = {
    "leeds": 'homeAddress.city = "Leeds"',
    "not-leeds": 'not(homeAddress.city.equals("leeds", false))',
    "buyers": 'CHAIN(xEvent, timestamp, [A: WHAT(eventType = "buy") WHEN(<= 24 hours before now)])',
    "thrice": "xEvent.count() >= 3",
    "open-buy": 'CHAIN(xEvent, timestamp, [A: WHAT(eventType = "open"), B: WHAT(eventType = "buy")])',
    "known": "identityMap.get(\"cookie\").count() > 0",
    "was-leeds": 'segmentMembership.get("own").get("{leeds}").status = "exited"',
    "leeds-buyers": 'inSegment("{leeds}") and inSegment("{buyers}")',
    "neither": 'not(inSegment("{leeds-buyers}")) and person.gender = "female"',
}  # fmt: skip
WOMEN = HasTrait("gender", ("female",))


def people() -> st.SearchStrategy[Who]:
    keys = st.sampled_from(("ada", "ben", "dara", "jo", "nia", "omar"))
    cookies = st.sampled_from((("cookie", "c-1"), ("cookie", "c-2"))).map(lambda one: (one,))
    return st.one_of(
        keys.map(lambda key: Who(key=key)),
        cookies.map(lambda own: Who(identities=own)),
        st.builds(lambda key, own: Who(key=key, identities=own), keys, cookies),
    )


def profiles() -> st.SearchStrategy[Incoming]:
    attributes: st.SearchStrategy[dict[str, Any]] = st.one_of(
        st.sampled_from(CITIES).map(lambda city: {"homeAddress": {"city": city}}),
        st.booleans().map(lambda out: {"optOut": out}),
        st.just({"homeAddress": None}),
        st.just({"person": {"gender": "female"}}),
        st.just({}),
    )
    return st.builds(lambda who, given: NewProfile(who=who, attributes=given), people(), attributes)


def events() -> st.SearchStrategy[Incoming]:
    hours = st.sampled_from((0, 1, 23, 24, 25, 100))
    return st.builds(
        lambda who, kind, ago: NewEvent(who=who, time=NOW - timedelta(hours=ago), type=kind),
        people(),
        st.sampled_from(KINDS),
        hours,
    )


Morning = list[list[Incoming]]
mornings = st.lists(
    st.one_of(st.lists(profiles(), min_size=1, max_size=4), st.lists(events(), min_size=1, max_size=4)),
    min_size=1,
    max_size=4,
)


@dataclass(frozen=True)
class Lived:
    house: House
    caller: Caller
    audiences: dict[str, Audience]

    def make(self, name: str, rule: Rule, **more: Any) -> None:
        self.audiences[name] = self.house.audiences.create(
            self.caller, name=name, description="", rule=rule, evaluation=Evaluation.CONTINUOUS, **more
        )


def moved_in(folder: Path) -> Lived:
    house = build_house(Settings(data=folder, now=NOW))
    caller = Caller.local(settle_twelve(house))
    lived = Lived(house, caller, {})
    for name, text in EXPRESSIONS.items():
        ids = {each: str(audience.id) for each, audience in lived.audiences.items()}
        for each, number in ids.items():
            text = text.replace(f"{{{each}}}", number)
        lived.make(name, pql(text))
    leeds = lived.audiences["leeds"].id
    lived.make("mixed", Or((And((WOMEN, Not(InAudience(leeds)))), Listed(leeds))))
    lived.make("polite", pql("xEvent.count() > 0"), exclude_opted_out=True)
    lived.make("recorded", Listed(leeds))
    house.evaluation.run_batch(caller)
    return lived


def must_agree(lived: Lived) -> None:
    house, workspace = lived.house, lived.caller.workspace
    snapshot = house.snapshots.newest(workspace.id)
    resolve = Resolver(house.control, workspace, snapshot.catalogue)
    everybody = snapshot.documents.people([int(one) for one in snapshot.index.everyone.ids()])
    as_of = snapshot.generation.as_of
    ids = [audience.id for audience in lived.audiences.values()]
    asked = [one for one in everybody if one.key in ("ada", "dara", "nia") or one.key.startswith("cookie")]
    at_once = {one.id: house.edge.known(lived.caller, one.key, ids).members for one in asked}
    for name, audience in lived.audiences.items():
        rule = InAudience(audience.id)
        plainly = {one.id for one in everybody if matches(rule, one, resolve=resolve, as_of=as_of)}
        assert set(snapshot.evaluate(rule, resolve).ids().tolist()) == plainly, name
        assert set(snapshot.leaves.listed(Listed(audience.id)).ids().tolist()) == plainly, name
        assert {one for one, found in at_once.items() if found[audience.id]} == plainly & set(at_once), name


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Lived]:
    """A house in which nothing has happened yet; each morning begins in a copy of it."""
    folder = tmp_path_factory.mktemp("house")
    lived = moved_in(folder / "data")
    must_agree(lived)
    lived.house.control.close()
    return folder / "data", lived


@pytest.mark.slow
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(mornings)
def test_every_path_says_the_same(template: tuple[Path, Lived], morning: Morning) -> None:
    with TemporaryDirectory() as folder:
        shutil.copytree(template[0], Path(folder) / "data")
        house = build_house(Settings(data=Path(folder) / "data", now=NOW))
        lived = Lived(house, template[1].caller, template[1].audiences)
        for batch in morning:
            lived.house.profiles.accept(lived.caller, batch)
            assert lived.house.applier.apply_all() == len(batch)
            must_agree(lived)
        found = lived.house.evaluation.run_batch(lived.caller, [each.id for each in lived.audiences.values()])
        assert all(each.realized == each.exited == 0 for each in found.counts.values())
        must_agree(lived)
        lived.house.control.close()


def test_a_profile_in_a_request_is_in_what_it_will_be_in_once_it_has_arrived(tmp_path: Path) -> None:
    lived = moved_in(tmp_path)
    ids = [lived.audiences[name].id for name in (*EXPRESSIONS, "polite")]
    who = Who(key="nia", identities=(("cookie", "c-7"),))
    deeds = [NewEvent(who=who, time=NOW - timedelta(hours=ago), type=kind) for ago, kind in ((3, "open"), (2, "buy"))]
    attributes = {"homeAddress": {"city": "Leeds"}, "person": {"gender": "female"}}
    lived.house.profiles.accept(lived.caller, deeds[:1])
    lived.house.applier.apply_all()  # the data is live from here on: now is the clock's
    before = lived.house.edge.arriving(lived.caller, Arriving(who=who, attributes=attributes, events=deeds), ids)
    lived.house.profiles.accept(lived.caller, [NewProfile(who=who, attributes=attributes)])
    lived.house.profiles.accept(lived.caller, deeds[1:])
    lived.house.applier.apply_all()
    after = lived.house.edge.known(lived.caller, "nia", ids)
    assert (before.members, before.as_of) == (after.members, after.as_of)
    assert sum(after.members.values()) >= 5
    lived.house.control.close()


def test_time_alone_moves_people_when_it_is_swept(tmp_path: Path) -> None:
    lived = moved_in(tmp_path)
    bought = NewEvent(who=Who(key="ben"), time=NOW - timedelta(hours=20), type="buy")
    lived.house.profiles.accept(lived.caller, [bought])
    lived.house.applier.apply_all()
    buyers = lived.audiences["buyers"].id
    house, workspace = lived.house, lived.caller.workspace
    assert house.snapshots.newest(workspace.id).leaves.listed(Listed(buyers)).ids().tolist() == [IDS["ben"]]
    house.control.close()
    later = build_house(Settings(data=tmp_path, now=NOW + timedelta(hours=5)))
    swept = later.evaluation.sweep(workspace)
    assert swept is not None
    assert (swept.counts[buyers].exited, swept.counts[buyers].members) == (1, 0)
    must_agree(Lived(later, lived.caller, lived.audiences))
    later.control.close()
