"""Refuses rules that name unknown things, turn in a circle or are too large, and says where and why.

What is written in the rule itself is checked in full. Audiences it refers to were checked when they were saved, so
they are only followed: to find unknown ones and circles, and to measure how large the rule is once they are written
out in place, which is what an evaluator has to work through.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from itertools import chain

from houselights.base.errors import InvalidRule, NotFound
from houselights.base.text import fold
from houselights.model.catalogue import Catalogue
from houselights.rules.check_values import check_value
from houselights.rules.json_values import is_identifier, near, shown
from houselights.rules.tree import And, AtLeast, Follows, HasTrait, InAudience, Listed, Mentions, Not, Or, Rule, Where
from houselights.rules.walk import audiences_named

Resolve = Callable[[int], Rule]

DAY_SECONDS = 24 * 60 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How large a rule may be. Depth and nodes count what the audiences inside bring along, each time they occur.

    `words` bounds the trait keys, fields, phrases and parts of expressions written in the rule itself; `audiences` the
    different audiences reached; `days` how far back a window may look.
    """

    depth: int = 64
    nodes: int = 10_000
    words: int = 20_000
    audiences: int = 1_000
    days: int = 36_500


@dataclass(frozen=True, slots=True)
class _Extent:
    depth: int
    nodes: int


def children(rule: Rule) -> Iterator[tuple[str, Rule]]:
    """Yield the rules directly inside `rule`, each with its step in the JSON path."""
    match rule:
        case And(rules):
            yield from ((f".and[{position}]", each) for position, each in enumerate(rules))
        case Or(rules):
            yield from ((f".or[{position}]", each) for position, each in enumerate(rules))
        case AtLeast(_, rules):
            yield from ((f".at_least.of[{position}]", each) for position, each in enumerate(rules))
        case Not(negated):
            yield ".not", negated
        case _:
            return


def audiences_in(rule: Rule) -> frozenset[int]:
    """Return the ids of the audiences that `rule` itself refers to, not those further down."""
    found: set[int] = set()
    waiting = [rule]
    while waiting:
        each = waiting.pop()
        match each:
            case InAudience(audience_id):
                found.add(audience_id)
            case Where(expression):
                found.update(int(name) for name in audiences_named(expression) if is_identifier(name))
            case _:
                pass
        waiting.extend(inner for _, inner in children(each))
    return frozenset(found)


def check(
    rule: Rule,
    catalogue: Catalogue | None,
    resolve: Resolve,
    limits: Limits | None = None,
    *,
    self_id: int | None = None,
    fields: Collection[str] | None = None,
) -> None:
    """Raise InvalidRule unless `rule` can be evaluated; `field` is the JSON path of the fault.

    `catalogue` None leaves facets and traits unchecked, `fields` None the fields of texts. `resolve` raises NotFound
    for an unknown audience. `self_id` is the audience whose rule this is to become: it may not contain itself.
    """
    limits = limits or Limits()
    _Walk(resolve, limits, self_id).measure(rule)
    words = 0
    for path, node in _nodes(rule, "rule"):
        match node:
            case HasTrait(facet, any_of):
                words += len(any_of)
                if catalogue is not None:
                    _check_traits(facet, any_of, catalogue, f"{path}.trait")
            case Mentions():
                words += len(node.fields) + len(node.phrases)
                _check_mentions(node, fields, limits, f"{path}.mentions")
            case Follows():
                words += 1 + len(node.accounts)
                _check_follows(node, limits, f"{path}.follows")
            case Listed(_, int(seconds)) if not 0 <= seconds <= limits.days * DAY_SECONDS:
                most = limits.days * DAY_SECONDS
                raise InvalidRule(f"within_seconds must be from 0 to {most}", field=f"{path}.listed.within_seconds")
            case Where(expression):
                words += check_value(expression, f"{path}.where")
            case _:
                pass
        if words > limits.words:
            raise InvalidRule(f"the rule names more than {limits.words} traits, phrases and values", field=path)


def _nodes(rule: Rule, path: str) -> Iterator[tuple[str, Rule]]:
    yield path, rule
    for step, inner in children(rule):
        yield from _nodes(inner, path + step)


def _check_traits(facet: str, keys: tuple[str, ...], catalogue: Catalogue, path: str) -> None:
    if facet not in catalogue.facets:
        raise InvalidRule(f"unknown facet {shown(facet)}", field=f"{path}.facet", hint=near(facet, catalogue.facets))
    for position, key in enumerate(keys):
        if catalogue.find(facet, key) is None:
            raise InvalidRule(
                f"facet {shown(facet)} has no trait {shown(key)}",
                field=f"{path}.any_of[{position}]",
                hint=_hint_for_trait(facet, key, catalogue),
            )


# Comparing a word with a hundred thousand others takes seconds, which a caller must not be able to ask of us.
_COMPARED_MAX = 2_000


def _hint_for_trait(facet: str, key: str, catalogue: Catalogue) -> str | None:
    traits = catalogue.of(facet)
    folded = key.casefold()
    for trait in traits:
        if folded in (trait.name.casefold(), trait.key.casefold()):
            return f'did you mean "{trait.key}"?'
    elsewhere = next((other for other in catalogue.facets if catalogue.find(other, key) is not None), None)
    if elsewhere is not None:
        return f'facet "{elsewhere}" has it'
    alike = [trait.key for trait in traits]
    if len(alike) > _COMPARED_MAX:
        alike = [each for each in alike if each[:2].casefold() == folded[:2]][:_COMPARED_MAX]
    return near(key, alike)


def _check_mentions(rule: Mentions, fields: Collection[str] | None, limits: Limits, path: str) -> None:
    for position, each in enumerate(rule.fields):
        if fields is not None and each not in fields:
            raise InvalidRule(
                f"unknown field of texts {shown(each)}", field=f"{path}.fields[{position}]", hint=near(each, fields)
            )
    for position, phrase in enumerate(rule.phrases):
        if fold(phrase) == " ":
            raise InvalidRule(
                f"the phrase {shown(phrase)} holds no word, so no text can mention it",
                field=f"{path}.phrases[{position}]",
                hint="write letters or digits; punctuation and emoji are not compared",
            )
    if rule.within_days is not None and not 0 <= rule.within_days <= limits.days:
        raise InvalidRule(f"within_days must be from 0 to {limits.days}", field=f"{path}.within_days")


def _check_follows(rule: Follows, limits: Limits, path: str) -> None:
    """Accounts are not looked up: nobody follows one that is not known, and it may become known."""
    if rule.at_least < 1:
        raise InvalidRule("at_least must be 1 or more", field=f"{path}.at_least")
    if rule.active_within_days is not None and not 0 <= rule.active_within_days <= limits.days:
        raise InvalidRule(f"active_within_days must be from 0 to {limits.days}", field=f"{path}.active_within_days")


class _Walk:
    """Follows a rule through the audiences it names; measures each audience once, so a wide web stays cheap."""

    def __init__(self, resolve: Resolve, limits: Limits, self_id: int | None):
        self.resolve = resolve
        self.limits = limits
        self.known: dict[int, _Extent] = {}
        self.open: list[int] = [] if self_id is None else [self_id]
        self.own = len(self.open)

    def measure(self, rule: Rule) -> None:
        """Raise InvalidRule for an unknown audience, a circle, or a rule over the limits."""
        self._extent(rule, "rule", 1, is_own=True)

    def _extent(self, rule: Rule, path: str, depth: int, *, is_own: bool) -> _Extent:
        """Return how deep and large `rule` is. Inside other audiences (not `is_own`) the path stays where it is."""
        if depth > self.limits.depth:
            raise InvalidRule(f"the rule is more than {self.limits.depth} levels deep", field=path)
        if isinstance(rule, InAudience):
            return self._extent_of_audience(rule.audience_id, f"{path}.audience" if is_own else path, depth)
        if isinstance(rule, Where):
            return self._extent_of_where(rule, f"{path}.where" if is_own else path, depth)
        inner = [
            self._extent(each, path + step if is_own else path, depth + 1, is_own=is_own)
            for step, each in children(rule)
        ]
        extent = _Extent(1 + max((each.depth for each in inner), default=0), 1 + sum(each.nodes for each in inner))
        if extent.nodes > self.limits.nodes:
            raise InvalidRule(f"the rule has more than {self.limits.nodes} parts", field=path)
        return extent

    def _extent_of_where(self, rule: Where, path: str, depth: int) -> _Extent:
        """Measure the audiences that an expression asks about; its own parts count as words, not as nodes."""
        inner = [
            self._extent_of_audience(int(name), path, depth + 1)
            for name in audiences_named(rule.expression)
            if is_identifier(name)
        ]
        return _Extent(1 + max((each.depth for each in inner), default=0), 1 + sum(each.nodes for each in inner))

    def _extent_of_audience(self, audience_id: int, path: str, depth: int) -> _Extent:
        if audience_id in self.open:
            circle = chain(self.open[self.open.index(audience_id) :], [audience_id])
            raise InvalidRule(
                f"audience {audience_id} would contain itself: {' → '.join(str(each) for each in circle)}", field=path
            )
        extent = self.known.get(audience_id)
        if extent is None:
            rule = self._resolved(audience_id, path)
            self.open.append(audience_id)
            inner = self._extent(rule, path, depth + 1, is_own=False)
            self.open.pop()
            extent = self.known[audience_id] = _Extent(inner.depth + 1, inner.nodes)
            if len(self.known) > self.limits.audiences:
                raise InvalidRule(f"the rule reaches more than {self.limits.audiences} audiences", field=path)
        if depth - 1 + extent.depth > self.limits.depth:
            raise InvalidRule(f"the rule is more than {self.limits.depth} levels deep", field=path)
        return extent

    def _resolved(self, audience_id: int, path: str) -> Rule:
        try:
            return self.resolve(audience_id)
        except NotFound as error:
            used_by = f", which audience {self.open[-1]} refers to," if len(self.open) > self.own else ""
            raise InvalidRule(f"audience {audience_id}{used_by} does not exist", field=path) from error
