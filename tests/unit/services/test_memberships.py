"""Who was on a list when, against a plain model that lives the same mornings: uploads, removals, times to live changed
down and up again; asked of the plain evaluator, of bitmaps, of one person at a time, and of SQL.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from houselights.app import build_house
from houselights.base.clock import Clock, FixedClock
from houselights.base.errors import InvalidInput, NotAllowed, NotFound
from houselights.base.settings import Settings
from houselights.engine import plain
from houselights.engine.inline import inline
from houselights.engine.single import Asked, Singles
from houselights.model.audience import Audience, Evaluation
from houselights.model.workspace import Workspace
from houselights.rules.listed import as_of
from houselights.rules.tree import InAudience, Listed, Where
from houselights.rules.values import Call, Literal, Member
from houselights.services.caller import Caller
from houselights.services.house import House
from houselights.services.resolver import Resolver
from houselights.storage.lake.tables import MEMBERSHIPS
from tests.settle import put_audience, settle_twelve
from tests.world import IDS

START = datetime(2026, 11, 3, 12, tzinfo=UTC)
PEOPLE = sorted(IDS.values())


@dataclass
class Hand:
    """A clock that is moved by hand."""

    at: datetime = START

    def now(self) -> datetime:
        return self.at


@dataclass(frozen=True)
class ByHand(Settings):
    """Settings of a house whose clock is moved by hand."""

    hand: Hand = field(default_factory=Hand)

    @property
    def clock(self) -> Clock:
        return self.hand


@dataclass
class Lived:
    """A house, a list in it, and what a plain model of the list says."""

    house: House
    workspace: Workspace
    roster: Audience
    hand: Hand
    lines: dict[int, list[plain.Line]] = field(default_factory=dict)

    @property
    def caller(self) -> Caller:
        return Caller.local(self.workspace)

    def write(self, people: list[int], *, removed: bool = False) -> None:
        """Append lines and publish them, as uploads do."""
        if not people:
            return
        rows = [
            {"audience_id": self.roster.id, "person_id": person, "action": "DELETE" if removed else "CREATE",
             "time": self.hand.at, "country": None, "upload_id": "u"}
            for person in people
        ]  # fmt: skip
        before = self.house.snapshots.newest(self.workspace.id)
        generation = before.generation
        version = self.house.lake.add(
            self.workspace.id, "memberships", pa.Table.from_pylist(rows, schema=MEMBERSHIPS.schema),
            upon=generation.tables["memberships"],
        )  # fmt: skip
        after = replace(generation, number=generation.number + 1, tables={**generation.tables, "memberships": version})
        with self.house.control.transaction() as conn:
            self.house.control.generations.publish(conn, after)
        self.house.snapshots.adopt(before.after(after))
        for person in people:
            self.lines.setdefault(person, []).append(plain.Line(self.hand.at, removed))

    def keep_for(self, seconds: int | None) -> None:
        self.house.audiences.update(self.caller, self.roster.id, rule=Listed(self.roster.id, seconds))
        self.roster = self.house.audiences.get(self.caller, self.roster.id)

    def compact(self) -> None:
        before = self.house.snapshots.newest(self.workspace.id)
        generation = before.generation
        version = self.house.lake.compact(self.workspace.id, "memberships", generation.tables["memberships"])
        after = replace(generation, number=generation.number + 1, tables={**generation.tables, "memberships": version})
        with self.house.control.transaction() as conn:
            self.house.control.generations.publish(conn, after)
        self.house.snapshots.adopt(before.after(after))

    def model(self, instant: datetime, seconds: int | None) -> set[int]:
        """Say who is on the list, in the words of the design."""
        found = set()
        for person, lines in self.lines.items():
            known = [line for line in lines if line.time <= instant]
            if known and not known[-1].removed:
                lasts = seconds is None or known[-1].time + timedelta(seconds=seconds) > instant
                found |= {person} if lasts else set()
        return found


def lived_in(folder: Path) -> Lived:
    hand = Hand()
    house = build_house(ByHand(data=folder, hand=hand))
    workspace = settle_twelve(house)
    roster = house.rosters.create(
        Caller.local(workspace), name="Those we met", description="", account_id=None, ttl_seconds=None
    )
    return Lived(house, workspace, roster, hand)


@pytest.fixture
def lived(tmp_path: Path) -> Iterator[Lived]:
    found = lived_in(tmp_path)
    yield found
    found.house.control.close()


def must_agree(lived: Lived, instant: datetime, seconds: int | None) -> None:
    """Ask everybody who can answer about an instant; of now the list is asked as it is, too."""
    house, wanted = lived.house, lived.model(instant, seconds)
    snapshot = house.snapshots.newest(lived.workspace.id)
    resolve = Resolver(house.control, lived.workspace, snapshot.catalogue)
    everybody = snapshot.documents.people(PEOPLE)
    own, asked = lived.roster.id, [Listed(lived.roster.id, seconds)]
    rules: list[Any] = [as_of(each, instant) for each in asked]
    if instant == lived.hand.at:
        rules += [*asked, InAudience(own)]
        assert house.memberships.count(lived.caller, own).people.exact == len(wanted)
    for rule in rules:
        assert set(snapshot.evaluate(rule, resolve).ids().tolist()) == wanted
        assert snapshot.count(rule, resolve) == len(wanted)
        assert plain.members(rule, everybody, resolve=resolve, as_of=START, now=instant) == wanted
        singles = Singles(lambda audience_id, rule=rule: rule if audience_id == 1 else resolve(audience_id))
        assert {each.id for each in everybody if singles.is_member(1, Asked(each, START, instant))} == wanted
        by_sql = Where(Call("and", (Member("1"), Literal(True))), (("1", inline(rule, resolve)),))
        assert set(snapshot.evaluate(by_sql, resolve).ids().tolist()) == wanted
    assert house.memberships.count(lived.caller, own, as_of=instant).people.exact == len(wanted)
    shown, total = house.memberships.list(lived.caller, own, as_of=instant, limit=100)
    assert ({each.person_id for each in shown}, total) == (wanted, len(wanted))
    assert all(each.since == lived.lines[each.person_id][-1].time for each in shown if instant == lived.hand.at)


people = st.lists(st.sampled_from(PEOPLE), unique=True, max_size=5)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("put on"), people),
        st.tuples(st.just("take off"), people),
        st.tuples(st.just("keep for"), st.sampled_from((None, 0, 60, 3600, 86_400))),
        st.tuples(st.just("compact"), st.none()),
        st.tuples(st.just("wait"), st.sampled_from((1, 59, 60, 3599, 3600, 80_000))),
    ),
    min_size=1,
    max_size=10,
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps, st.lists(st.integers(0, 100), min_size=2, max_size=2))
def test_it_is_as_the_model_says_at_every_instant(steps: list[tuple[str, Any]], looks: list[int]) -> None:
    with TemporaryDirectory() as folder:
        lived, seconds = lived_in(Path(folder)), None
        moments = [START]
        for kind, given in steps:
            lived.hand.at += timedelta(microseconds=1)
            match kind:
                case "put on":
                    lived.write(given)
                case "take off":
                    lived.write(given, removed=True)
                case "keep for":
                    seconds = given
                    lived.keep_for(seconds)
                case "compact":
                    lived.compact()
                case _:
                    lived.hand.at += timedelta(seconds=given)
            moments.append(lived.hand.at)
        must_agree(lived, lived.hand.at, seconds)
        for look in looks:
            must_agree(lived, moments[look % len(moments)], seconds)
        must_add_up(lived, seconds)
        lived.house.control.close()


def must_add_up(lived: Lived, seconds: int | None) -> None:
    start, end = START.date() - timedelta(days=1), lived.hand.at.date()
    days = lived.house.memberships.history(lived.caller, lived.roster.id, start, end + timedelta(days=3))
    assert [each.day for each in days] == [start + timedelta(days=n) for n in range((end - start).days + 1)]
    before = 0
    for each in days:
        over = datetime(each.day.year, each.day.month, each.day.day, tzinfo=UTC) + timedelta(days=1, microseconds=-1)
        assert each.members.exact == len(lived.model(min(over, lived.hand.at), seconds))
        assert None not in (each.added.exact, each.removed.exact, each.expired.exact)
        before += (each.added.exact or 0) - (each.removed.exact or 0) - (each.expired.exact or 0)
        assert before == each.members.exact


def test_a_time_to_live_brought_down_and_up_again_brings_people_back(lived: Lived) -> None:
    ada, ben = IDS["ada"], IDS["ben"]
    lived.write([ada])
    lived.hand.at += timedelta(hours=1)
    lived.write([ben])
    lived.hand.at += timedelta(hours=1)
    for seconds, wanted in ((None, 2), (0, 0), (3601, 1), (7200, 1), (7201, 2), (0, 0), (86_400, 2)):
        lived.keep_for(seconds)
        assert lived.house.memberships.count(lived.caller, lived.roster.id).people.exact == wanted
    # An evaluation of everything finds nobody to take off: the list itself says who is on it.
    lived.keep_for(3601)
    run = lived.house.evaluation.run_batch(lived.caller, [lived.roster.id])
    assert (run.counts[lived.roster.id].exited, run.counts[lived.roster.id].existing) == (0, 1)
    lived.keep_for(None)
    assert lived.house.memberships.count(lived.caller, lived.roster.id).people.exact == 2


def test_audiences_on_a_list_follow_it_as_time_goes_by(lived: Lived) -> None:
    lived.write([IDS["ada"], IDS["ben"]])
    lived.keep_for(3600)
    follows = lived.house.audiences.create(
        lived.caller, name="Follows", description="", rule=InAudience(lived.roster.id),
        evaluation=Evaluation.CONTINUOUS,
    )  # fmt: skip
    swept = lived.house.evaluation.sweep(lived.workspace)
    assert swept is not None
    assert swept.counts[follows.id].realized == 2
    lived.hand.at += timedelta(hours=1)
    swept = lived.house.evaluation.sweep(lived.workspace)
    assert swept is not None
    assert swept.counts[follows.id].exited == 2
    assert lived.house.memberships.count(lived.caller, follows.id).people.exact == 0
    then = lived.hand.at - timedelta(minutes=1)
    assert lived.house.memberships.count(lived.caller, follows.id, as_of=then).people.exact == 2


def test_what_is_remembered_is_kept_while_only_lists_change(lived: Lived) -> None:
    """A generation that adds to the log drops no set and no overlap of the index, and reads what was added alone."""
    house, workspace = lived.house, lived.workspace
    resolve = house.audiences.resolve(workspace)
    lived.write([IDS["ada"]])
    before = house.snapshots.newest(workspace.id)
    women, listed = InAudience(9001), Listed(lived.roster.id)
    sets = [before.evaluate(each, resolve) for each in (women, listed)]
    overlaps = before.overlaps(sets[0])
    read: list[Any] = []
    true = house.lake.added

    def spied(*given: Any, **more: Any) -> Any:
        found = true(*given, **more)
        read.append(None if found is None else found.num_rows)
        return found

    house.lake.added = spied  # type: ignore[method-assign]
    lived.write([IDS["ben"]])
    lived.compact()
    after = house.snapshots.newest(workspace.id)
    assert after is not before
    assert read == [1, 0]
    assert after.evaluate(women, resolve) is sets[0]
    assert after.overlaps(sets[0]) is overlaps
    assert set(after.evaluate(listed, resolve).ids().tolist()) == {IDS["ada"], IDS["ben"]}
    assert set(before.evaluate(listed, resolve).ids().tolist()) == {IDS["ada"]}


def test_what_may_be_asked(lived: Lived) -> None:
    memberships, own = lived.house.memberships, lived.roster.id
    lived.write([IDS["ada"]])
    with pytest.raises(InvalidInput, match="nobody knows"):
        memberships.count(lived.caller, own, as_of=lived.hand.at + timedelta(seconds=1))
    with pytest.raises(InvalidInput, match="before the start"):
        memberships.history(lived.caller, own, date(2026, 11, 3), date(2026, 11, 2))
    with pytest.raises(InvalidInput, match="400 days"):
        memberships.history(lived.caller, own, date(2024, 11, 3), date(2026, 11, 3))
    with pytest.raises(NotFound):
        memberships.count(lived.caller, 77)
    partner = Caller(client=None, workspace=lived.workspace, scopes=frozenset({"insights:read", "audiences:read"}))
    assert memberships.count(partner, own).people.exact is None
    with pytest.raises(NotAllowed):
        memberships.list(partner, own)
    rule = {"trait": {"facet": "gender", "any_of": ["female"]}}
    put_audience(lived.house, lived.workspace, 9100, "Never recorded", rule)
    assert memberships.count(lived.caller, 9100).people.exact == 0
    assert FixedClock(START).now() == START
