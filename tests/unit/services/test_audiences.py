"""Audiences: what may be made, who sees it, and what happens when something they stand on changes."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest

from houselights.base.errors import Conflict, InvalidInput, InvalidRule, NotAllowed, NotFound
from houselights.model.audience import Audience, AudienceFilter, AudienceKind, AudienceStatus
from houselights.model.workspace import SCOPES, Account, PrivacyPolicy
from houselights.rules.tree import And, HasTrait, InAudience, Not, Rule
from houselights.services.caller import Caller
from houselights.services.house import House
from tests.settle import MADE_AT, settle_twelve
from tests.world import CATALOGUE

WOMEN = HasTrait("gender", ("female",))
COOKS, RUNNERS, COOKS_WHO_RUN = 9001, 9002, 9003

Make = Callable[..., Audience]


@pytest.fixture
def make(house: House, caller: Caller) -> Make:
    def make(rule: Rule = WOMEN, name: str = "Women", **more: object) -> Audience:
        return house.audiences.create(caller, name=name, description="", rule=rule, **more)  # type: ignore[arg-type]

    return make


def size(house: House, caller: Caller, audience_id: int) -> int | None:
    return house.insights.size(caller, InAudience(audience_id)).exact


def test_an_audience_is_read_back_as_it_was_made(house: House, caller: Caller, make: Make) -> None:
    made = make(category="Lifestyle", path=["Home"], attributes={"fee": "1.00"}, kind=AudienceKind.COMBINED)
    read = house.audiences.get(caller, made.id)
    assert read == made
    assert (read.version, read.status, read.path, read.attributes) == (
        1, AudienceStatus.ACTIVE, ("Home",), {"fee": "1.00"},
    )  # fmt: skip
    assert len(str(made.id)) == 18


@pytest.mark.parametrize("name", ["", "   ", "x" * 256])
def test_a_name_is_neither_empty_nor_endless(make: Make, name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        make(name=name)
    assert refused.value.field == "name"


def test_a_rule_that_does_not_hold_water_is_refused_with_its_place(make: Make) -> None:
    with pytest.raises(InvalidRule) as refused:
        make(And((WOMEN, HasTrait("age", ("25-35",)))))
    assert refused.value.field == "rule.and[1].trait.any_of[0]"
    assert refused.value.hint == 'did you mean "25-34" or "45-54"?'


def test_writing_needs_its_scope(house: House, caller: Caller) -> None:
    reader = replace(caller, scopes=frozenset({"audiences:read"}))
    with pytest.raises(NotAllowed, match="audiences:write"):
        house.audiences.create(reader, name="x", description="", rule=WOMEN)
    with pytest.raises(NotAllowed, match="audiences:read"):
        house.audiences.get(replace(caller, scopes=frozenset()), COOKS)


# ── what depends on what ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_change_shows_in_what_depends_on_it(house: House, caller: Caller) -> None:
    assert size(house, caller, COOKS_WHO_RUN) == 2  # ada and kofi
    house.audiences.update(caller, COOKS, rule=HasTrait("interests", ("vegan", "sport")))
    # ada and kofi as before; cleo, who runs, is now among the "cooks"
    assert size(house, caller, COOKS_WHO_RUN) == 3


def test_dependents_and_dependencies_are_named(house: House, caller: Caller) -> None:
    assert [one.name for one in house.audiences.dependents(caller, COOKS)] == ["Cooks who run", "Reachable cooks"]
    assert [one.id for one in house.audiences.dependencies(caller, COOKS_WHO_RUN)] == [COOKS, RUNNERS]


def test_a_circle_is_refused_and_the_chain_named(house: House, caller: Caller) -> None:
    with pytest.raises(InvalidRule, match=r"9001 → 9003 → 9001"):
        house.audiences.update(caller, COOKS, rule=InAudience(COOKS_WHO_RUN))
    assert house.audiences.get(caller, COOKS).version == 1
    with pytest.raises(InvalidRule, match="would contain itself"):
        house.audiences.update(caller, COOKS, rule=Not(InAudience(COOKS)))


def test_of_two_changes_that_would_close_a_circle_together_one_is_refused(house: House, caller: Caller) -> None:
    first = house.audiences.create(caller, name="first", description="", rule=WOMEN)
    second = house.audiences.create(caller, name="second", description="", rule=WOMEN)
    together = Barrier(2)

    def change(pair: tuple[int, int]) -> str:
        together.wait()
        try:
            house.audiences.update(caller, pair[0], rule=InAudience(pair[1]))
        except InvalidRule:
            return "refused"
        return "changed"

    with ThreadPoolExecutor(2) as pool:
        outcome = sorted(pool.map(change, [(first.id, second.id), (second.id, first.id)]))
    assert outcome == ["changed", "refused"]


def test_what_others_stand_on_is_not_archived(house: House, caller: Caller) -> None:
    with pytest.raises(Conflict, match=r'"Cooks" is used by "Cooks who run" \(9003\) and "Reachable cooks" \(9005\)'):
        house.audiences.archive(caller, COOKS)
    house.audiences.archive(caller, COOKS_WHO_RUN)
    house.audiences.archive(caller, 9005)
    assert house.audiences.archive(caller, COOKS).status is AudienceStatus.ARCHIVED


def test_an_archived_audience_is_read_but_no_longer_used_or_changed(house: House, caller: Caller) -> None:
    house.audiences.archive(caller, COOKS_WHO_RUN)
    again = house.audiences.archive(caller, COOKS_WHO_RUN)
    assert again.version == 2, "archiving twice changes nothing"
    assert house.audiences.get(caller, COOKS_WHO_RUN).name == "Cooks who run"
    with pytest.raises(InvalidRule, match="does not exist"):
        house.insights.size(caller, InAudience(COOKS_WHO_RUN))
    with pytest.raises(Conflict, match="archived"):
        house.audiences.update(caller, COOKS_WHO_RUN, name="Back")


def test_reference_audiences_follow_the_catalogue(house: House, caller: Caller) -> None:
    found, _ = house.audiences.list(caller, AudienceFilter(kinds=frozenset({AudienceKind.REFERENCE})))
    with pytest.raises(Conflict, match="follows the catalogue"):
        house.audiences.archive(caller, found[0].id)
    with pytest.raises(Conflict, match="follows the catalogue"):
        house.audiences.update(caller, found[0].id, name="Mine")


def test_a_reference_audience_means_its_trait(house: House, caller: Caller) -> None:
    found = house.audiences.named(caller, "Vegan cooking")
    assert size(house, caller, found.id) == 2
    trait = CATALOGUE.find("interests", "vegan")
    assert trait is not None
    assert found.path == ("Interests", *trait.path[:-1])


# ── versions ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_change_is_a_version(house: House, caller: Caller) -> None:
    house.audiences.update(caller, RUNNERS, description="People who run")
    house.audiences.update(caller, RUNNERS, name="Joggers", expected_version=2)
    versions = house.audiences.versions(caller, RUNNERS)
    assert [(one.version, one.name) for one in versions] == [(1, "Runners"), (2, "Runners"), (3, "Joggers")]
    assert house.audiences.get(caller, RUNNERS).description == "People who run"
    assert house.audiences.dependencies(caller, COOKS_WHO_RUN)[1].name == "Joggers"


def test_a_change_upon_another_version_is_refused(house: House, caller: Caller) -> None:
    with pytest.raises(Conflict, match="version 1, not 7"):
        house.audiences.update(caller, RUNNERS, name="Joggers", expected_version=7)


# ── the same request again ──────────────────────────────────────────────────────────────────────────────────────────


def test_the_same_request_under_the_same_key_makes_one_audience(make: Make) -> None:
    assert make(idempotency_key="k") == make(idempotency_key="k")
    assert make(idempotency_key="k").id != make().id


def test_another_request_under_the_same_key_is_refused(make: Make) -> None:
    make(idempotency_key="k")
    with pytest.raises(Conflict, match="idempotency key"):
        make(name="Men", idempotency_key="k")


def test_many_at_once_under_one_key_make_one_audience(house: House, caller: Caller, make: Make) -> None:
    before = house.audiences.list(caller, AudienceFilter())[1]
    start = Barrier(8)

    def ask(_: int) -> int:
        start.wait()
        return make(idempotency_key="race").id

    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(ask, range(8)))
    assert len(ids) == 1
    assert house.audiences.list(caller, AudienceFilter())[1] == before + 1


def test_a_key_belongs_to_its_account(house: House, caller: Caller, accounts: tuple[Account, Account]) -> None:
    ids = {
        house.audiences.create(
            caller.acting_for(account),
            name="Women", description="", rule=WOMEN, account_id=account.id, idempotency_key="k",
        ).id
        for account in accounts
    }  # fmt: skip
    assert len(ids) == 2


# ── who sees what ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def owned(house: House, caller: Caller, accounts: tuple[Account, Account]) -> Audience:
    """An audience of the first account."""
    own = caller.acting_for(accounts[0])
    return house.audiences.create(own, name="Ours", description="", rule=WOMEN, account_id=accounts[0].id)


def test_an_accounts_audience_is_unknown_to_others(
    house: House, caller: Caller, partner: Caller, owned: Audience, accounts: tuple[Account, Account]
) -> None:
    first, second = accounts
    for stranger in (caller.acting_for(second), partner):
        with pytest.raises(NotFound, match=f"no audience {owned.id}"):
            house.audiences.get(stranger, owned.id)
        with pytest.raises(InvalidRule, match="does not exist"):
            house.insights.size(stranger, InAudience(owned.id))
        assert owned.id not in {one.id for one in house.audiences.list(stranger, AudienceFilter())[0]}
        assert house.audiences.find(stranger, [owned.id]) == {}
        assert dict(house.forecasts.of(stranger, [owned.id])) == {}
        listed = house.insights.audiences(replace(stranger, scopes=frozenset(SCOPES)), WOMEN, among=AudienceFilter())
        if stranger.account is not None:
            assert owned.id not in {row.subject_id for row in listed.rows}
    for owner in (caller, caller.acting_for(first)):
        assert house.audiences.get(owner, owned.id) == owned
        assert size(house, owner, owned.id) == 6


def test_nobody_makes_an_audience_for_another_account(
    house: House, partner: Caller, caller: Caller, accounts: tuple[Account, Account]
) -> None:
    for stranger in (partner, caller.acting_for(accounts[1])):
        with pytest.raises(InvalidInput, match="belongs to the account"):
            house.audiences.create(stranger, name="x", description="", rule=WOMEN, account_id=accounts[0].id)


def test_a_dependent_one_may_not_see_is_counted_but_not_named(
    house: House, caller: Caller, accounts: tuple[Account, Account]
) -> None:
    own = caller.acting_for(accounts[0])
    house.audiences.create(own, name="Secret", description="", rule=InAudience(9005), account_id=accounts[0].id)
    with pytest.raises(Conflict, match="is used by 1 more") as refused:
        house.audiences.archive(caller.acting_for(accounts[1]), 9005)
    assert "Secret" not in str(refused.value)


def test_a_neighbours_audience_is_as_unknown_as_a_made_up_one(house: House, caller: Caller) -> None:
    neighbour = Caller.local(settle_twelve(house, name="next door", privacy=PrivacyPolicy()))
    made = house.audiences.create(neighbour, name="Theirs", description="", rule=WOMEN)
    messages = set()
    for audience_id in (made.id, made.id - 1):
        with pytest.raises(NotFound) as refused:
            house.audiences.get(caller, audience_id)
        messages.add(refused.value.message.replace(str(audience_id), "…"))
    assert len(messages) == 1


# ── by name ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_audience_is_found_by_its_name(house: House, caller: Caller, make: Make) -> None:
    assert house.audiences.named(caller, "cooks WHO run").id == COOKS_WHO_RUN
    with pytest.raises(NotFound, match="no audience is called") as refused:
        house.audiences.named(caller, "cook")
    assert refused.value.hint is not None
    make(name="Twin")
    make(name="twin")
    with pytest.raises(Conflict, match="2 audiences are called"):
        house.audiences.named(caller, "Twin")


def test_what_was_done_is_in_the_audit_log(house: House, caller: Caller, make: Make) -> None:
    made = make()
    house.audiences.update(caller, made.id, name="Ladies")
    house.audiences.archive(caller, made.id)
    actions = [(one.action, one.subject) for one in house.audit.entries(caller)]
    assert actions == [
        ("audience.archive", str(made.id)),
        ("audience.update", str(made.id)),
        ("audience.create", str(made.id)),
    ]
    assert house.audit.entries(caller)[0].at > MADE_AT
