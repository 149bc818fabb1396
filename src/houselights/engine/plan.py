"""Says, before the work or after it, how a rule is worked out and why that way. Works nothing out itself."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from houselights.engine.estimate import in_order, share
from houselights.engine.index import Index
from houselights.engine.inline import Resolve, inline
from houselights.engine.overlap import plan_overlaps
from houselights.engine.people_set import PeopleSet, blocks_of
from houselights.engine.workers import CORES
from houselights.model.catalogue import follows_facet
from houselights.rules.english import Names, english
from houselights.rules.simplify import simplify
from houselights.rules.tree import (
    And,
    AtLeast,
    Everyone,
    Follows,
    HasTrait,
    Listed,
    Mentions,
    Nobody,
    Not,
    Or,
    Rule,
    Where,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`rule` is what is really evaluated: audiences inlined, simplified. `estimate` is a guess at its people.

    `steps` are in the order in which they happen; `bitmaps`, `texts`, `lists` and `expressions` are how many of each
    are read or asked.
    """

    rule: Rule
    estimate: int
    steps: tuple[str, ...]
    bitmaps: int
    texts: int
    lists: int
    expressions: int
    why: str


def plan(index: Index, rule: Rule, resolve: Resolve, names: Names, people: PeopleSet | None = None) -> Plan:
    """Return the plan of a rule; with its `people` at hand, also how their traits would be counted.

    Raises what `resolve` raises, and InvalidRule when audiences contain each other in a circle.
    """
    whole = simplify(inline(rule, resolve))
    leaves = set(leaves_of(whole))
    bitmaps = {(leaf.facet, key) for leaf in leaves if isinstance(leaf, HasTrait) for key in leaf.any_of}
    bitmaps |= {
        (follows_facet(leaf.platform), account)
        for leaf in leaves if isinstance(leaf, Follows) for account in leaf.accounts
    }  # fmt: skip
    active = len({
        (follows_facet(leaf.platform), leaf.active_within_days)
        for leaf in leaves if isinstance(leaf, Follows) and leaf.active_within_days is not None
    })  # fmt: skip
    texts = sum(isinstance(leaf, Mentions) for leaf in leaves)
    lists = sum(isinstance(leaf, Listed) for leaf in leaves)
    expressions = sum(isinstance(leaf, Where) for leaf in leaves)
    return Plan(
        rule=whole,
        estimate=round(share(index, whole) * index.people),
        steps=(
            *_reading(texts, active, lists, expressions),
            *_narrowing(index, whole, names),
            *_counting(index, people),
        ),
        bitmaps=len(bitmaps),
        texts=texts,
        lists=lists,
        expressions=expressions,
        why=_why(index, whole, len(bitmaps), texts + active + lists + expressions),
    )


def leaves_of(rule: Rule) -> Iterator[Rule]:
    """Yield the leaves of a rule without audiences, those that its expressions ask about among them."""
    match rule:
        case Where(_, members):
            yield rule
            for _, meant in members:
                yield from leaves_of(meant)
        case And(rules) | Or(rules) | AtLeast(_, rules):
            for each in rules:
                yield from leaves_of(each)
        case Not(negated):
            yield from leaves_of(negated)
        case _:
            yield rule


def _reading(texts: int, active: int, lists: int, expressions: int) -> Iterator[str]:
    if texts:
        yield f"search the index of texts, {texts} time{'s' if texts > 1 else ''}, unless remembered"
    if active:
        times = "once" if active == 1 else f"{active} times"
        yield f"read from the follow graph who was active lately, {times}, unless remembered"
    if lists:
        yield f"read {lists} list{'s' if lists > 1 else ''} from the membership log, unless remembered"
    if expressions:
        yield f"ask {expressions} expression{'s' if expressions > 1 else ''} of everybody's document, unless remembered"


def _narrowing(index: Index, rule: Rule, names: Names) -> Iterator[str]:
    yield f"start with everyone: {index.people:,} people in {blocks_of(index.capacity):,} blocks of 65,536"
    left = 1.0
    for each in in_order(index, rule.rules if isinstance(rule, And) else (rule,)):
        if isinstance(each, Everyone):
            continue
        left *= share(index, each)
        verb, what = ("take away", each.rule) if isinstance(each, Not) else ("keep", each)
        yield f"{verb} {_clause(what, names)}; about {round(left * index.people):,} stay"


def _clause(rule: Rule, names: Names) -> str:
    sentence = english(rule, names)
    return sentence[0].lower() + sentence[1:].rstrip(".")


def _counting(index: Index, people: PeopleSet | None) -> Iterator[str]:
    if people is not None:
        shapes = Counter(each.shape for each in plan_overlaps(index, people & index.everyone))
        for shape, shards in shapes.items():
            yield f"for insights, in {_several(shards, 'shard')}: {shape}"


def _why(index: Index, rule: Rule, bitmaps: int, others: int) -> str:
    if isinstance(rule, Everyone | Nobody):
        return "The rule simplifies to a constant: nothing is read."
    parts = [_several(bitmaps, "bitmap") if bitmaps else "", "sets from the lake" if others else ""]
    made_of = " and ".join(part for part in parts if part)
    order = " Smallest first, so that empty blocks are skipped early." if isinstance(rule, And) else ""
    shards, cores = _several(len(index.shards), "shard"), _several(CORES, "core")
    return f"Made of {made_of} over {shards}, block by block on {cores}.{order}"


def _several(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
