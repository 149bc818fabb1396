"""The sentence can be read in only one way: a reader who knows nothing but the sentence finds the same people."""

import re

from hypothesis import given, settings
from tests.strategies import AS_OF, World, worlds

from houselights.engine.plain import Line, Person, members
from houselights.model.catalogue import Catalogue
from houselights.rules.english import NAMES_MAX, CatalogueNames, english
from houselights.rules.tree import (
    And,
    AtLeast,
    Everyone,
    Follows,
    HasTrait,
    InAudience,
    Listed,
    Mentions,
    Nobody,
    Not,
    Or,
    Rule,
)

NAMES = CatalogueNames(Catalogue([], []))

_TOKEN = re.compile(r"“[^”]*”|, but not|[(),;]|[^\s(),;]+")


class Reader:
    """Reads the sentence back into a tree, by the rules a person would go by: brackets, and "and" before "or"."""

    def __init__(self, sentence: str):
        self.tokens = _TOKEN.findall(sentence.removesuffix("."))

    def read(self) -> Rule:
        if self.tokens in (["Everyone"], ["Nobody"]):
            return Everyone() if self.tokens == ["Everyone"] else Nobody()
        assert self.tokens.pop(0) == "People"
        rule = self.clauses()
        assert self.tokens == []
        return rule

    def took(self, *words: str) -> bool:
        if self.tokens[: len(words)] != list(words):
            return False
        del self.tokens[: len(words)]
        return True

    def clauses(self) -> Rule:
        """Read up to a closing bracket or semicolon. "and" and "or" side by side would be ambiguous: never allowed."""
        rules = [self.clause()]
        joints = set()
        while self.tokens and self.tokens[0] in ("and", "or"):
            joints.add(self.tokens.pop(0))
            rules.append(self.clause())
        assert len(joints) <= 1
        rule = rules[0] if len(rules) == 1 else Or(tuple(rules)) if joints == {"or"} else And(tuple(rules))
        if self.took(", but not"):
            assert joints <= {"and"}
            rule = And((rule, Not(self.clause())))
        return rule

    def clause(self) -> Rule:
        if self.took("("):
            rule = self.clauses()
            assert self.took(")")
            return rule
        if self.took("not"):
            return Not(self.clause())
        if self.took("of", "any", "kind"):
            return Everyone()
        if self.took("of", "no", "kind"):
            return Nobody()
        if self.took("matching", "at", "least"):
            return self.at_least()
        if self.took("on", "list"):
            return Listed(int(self.tokens.pop(0).strip("“”")), self.span())
        if self.took("in"):
            return InAudience(int(self.tokens.pop(0).strip("“”").removeprefix("audience ")))
        if self.took("mentioning"):
            return self.mentions()
        if self.took("following"):
            return self.follows()
        assert self.took("with")
        return HasTrait(self.tokens.pop(0), self.names())

    def span(self) -> int | None:
        if not self.took("for", "less", "than"):
            return None
        number, unit = int(self.tokens.pop(0)), self.tokens.pop(0).removesuffix("s")
        return number * {"second": 1, "minute": 60, "hour": 3600, "day": 86400}[unit]

    def at_least(self) -> Rule:
        k = int(self.tokens.pop(0))
        assert self.took("of", "(")
        rules: list[Rule] = []
        while not self.took(")"):
            rules.append(self.clauses())
            self.took(";")
        return AtLeast(k, tuple(rules))

    def names(self, quoted: bool = True) -> tuple[str, ...]:
        found = [self.tokens.pop(0).strip("“”")]
        while len(self.tokens) > 1 and self.tokens[0] in (",", "or") and self.is_name(self.tokens[1], quoted):
            del self.tokens[0]
            found.append(self.tokens.pop(0).strip("“”"))
        return tuple(found)

    def is_name(self, token: str, quoted: bool) -> bool:
        return token.startswith("“") if quoted else token in ("bio", "post")

    def mentions(self) -> Rule:
        phrases = self.names()
        assert self.took("in")
        fields = self.names(quoted=False)
        return Mentions(fields, phrases, self.days())

    def days(self) -> int | None:
        if self.took("at", "this", "very", "moment"):
            return 0
        if self.took("within", "the", "last", "day"):
            return 1
        if self.took("within", "the", "last"):
            days = int(self.tokens.pop(0))
            assert self.took("days")
            return days
        return None

    def follows(self) -> Rule:
        at_least = 1
        if self.took("at", "least"):
            at_least = int(self.tokens.pop(0))
            assert self.took("of")
        accounts = self.names()
        assert self.took("on")
        platform = self.tokens.pop(0).strip("“”")
        return Follows(platform, accounts, at_least, self.days() if self.took("with", "activity", "there") else None)


@settings(max_examples=500)
@given(worlds(max_depth=4, expressions=False))
def test_a_reader_of_the_sentence_finds_the_same_people(world: World) -> None:
    sentence = english(world.rule, NAMES)
    understood = Reader(sentence).read()

    def who(rule: Rule) -> set[int]:
        return members(rule, world.people, resolve=world.resolve, as_of=world.as_of)

    assert who(understood) == who(world.rule), sentence


def test_long_lists_of_names_are_shortened() -> None:
    said = english(HasTrait("city", tuple(f"c{number}" for number in range(NAMES_MAX + 5))), NAMES)
    assert said.endswith("“c9” or any of 5 more.")
    assert "any of" not in english(HasTrait("city", tuple(f"c{number}" for number in range(NAMES_MAX))), NAMES)


def test_names_come_from_the_catalogue_and_else_from_the_key() -> None:
    names = CatalogueNames(Catalogue([], []), {1: "Cooks"}, {2: "VIP"})
    rule = And((InAudience(1), InAudience(3), Listed(2), Listed(4), HasTrait("age", ("25-34",))))
    assert english(rule, names) == (
        "People in “Cooks” and in “audience 3” and on list “VIP” and on list “4” and with age “25-34”."
    )


def test_the_reader_is_not_fooled() -> None:
    one = Person(id=0, key="one", lists={1: (Line(AS_OF),)})
    wrong = Reader("People on list “1” and (on list “2” or on list “3”).").read()
    right = Or((And((Listed(1), Listed(2))), Listed(1)))
    who = [members(rule, [one], resolve=lambda _: Nobody(), as_of=AS_OF) for rule in (wrong, right)]
    assert who == [set(), {0}]
