"""Checks an expression against a workspace's schema: every path exists, every operator gets what it works on.

Raises the first fault, with its place in the text. An expression that came as JSON is written as text and checked as
that, so that its faults have places too. Knows nothing of size or speed (`validate.py`).
"""

from collections.abc import Callable, Mapping
from typing import Never, TypeAlias, assert_never

from houselights.apis.adobe.language import complaints
from houselights.apis.adobe.language.parse import Parsed, parse
from houselights.apis.adobe.language.write import write
from houselights.base.errors import InvalidRule
from houselights.model.schema import AnyType, ListType, MapType, ObjectType, Scalar, Schema, Type, describe
from houselights.rules.check_values import TAKE_PATTERN
from houselights.rules.functions import FUNCTIONS
from houselights.rules.functions.table import Kind, Mapper
from houselights.rules.kinds import (
    ANY,
    TIMES,
    Entry,
    fits,
    is_alike,
    is_condition,
    item_of,
    lifts,
    result,
    step,
    united,
)
from houselights.rules.values import (
    EVENTS,
    IDENTITIES,
    MEMBERSHIPS,
    Beside,
    Between,
    Call,
    Chain,
    During,
    Field,
    Input,
    Lambda,
    Let,
    Listing,
    Literal,
    Member,
    Node,
    Now,
    Occurs,
    Offset,
    Period,
    Record,
    Step,
    Value,
    Variable,
    When,
)

Scope: TypeAlias = Mapping[str, Type]

_LITERALS: Mapping[str, Type] = {
    "bool": Scalar.BOOLEAN,
    "int": Scalar.INTEGER,
    "float": Scalar.NUMBER,
    "str": Scalar.STRING,
    "date": Scalar.DATE,
    "datetime": Scalar.TIMESTAMP,
    "NoneType": ANY,
}


def check(expression: Parsed | Value, schema: Schema) -> Type:
    """Return the type of what an expression answers. Raises InvalidRule with span and hint at the first fault."""
    parsed = expression if isinstance(expression, Parsed) else parse(write(expression))
    return _Check(parsed, schema).kind(parsed.tree, {})


def check_audience(expression: Parsed | Value, schema: Schema) -> None:
    """Check an expression that must answer true or false, as an audience does."""
    parsed = expression if isinstance(expression, Parsed) else parse(write(expression))
    kind = check(parsed, schema)
    if not is_condition(kind):
        raise InvalidRule(
            f"an audience is a condition, true or false for each person; this answers {describe(kind)}",
            span=parsed.spans.of(parsed.tree),
            hint="compare it with something, as in … > 0",
        )


class _Check:
    def __init__(self, parsed: Parsed, schema: Schema):
        self.spans = parsed.spans
        self.schema = schema

    def kind(self, node: Value, scope: Scope) -> Type:
        match node:
            case Literal(kind=kind):
                return _LITERALS[kind]
            case Listing(items):
                return self.listing(items, scope)
            case Record(entries):
                return ObjectType({name: self.kind(value, scope) for name, value in entries})
            case Input(position):
                if position > 1:
                    self.fail(node, f"there is no ${position} here", "an audience has one input, the profile: $1")
                return self.schema.person
            case Variable(name):
                return scope.get(name, ANY)
            case Field():
                return self.field(node, scope)
            case Call():
                found = self.call(node, scope)
                if isinstance(found, Entry):
                    self.fail(node, "mapEntry(…) stands only in the function of a map(…)")
                return found
            case Let(name, value, body):
                return self.kind(body, {**scope, name: self.kind(value, scope)})
            case Now() | Period():
                return Scalar.TIMESTAMP
            case Occurs(time, when):
                self.needs_time(time, scope, "occurs compares times")
                self.when(when, scope)
                return Scalar.BOOLEAN
            case Chain(events, time, steps):
                self.chain(events, time, steps, scope)
                return Scalar.BOOLEAN
            case Member():
                return Scalar.BOOLEAN
            case _:
                assert_never(node)

    # ---- paths -------------------------------------------------------------------------------------------------------

    def field(self, node: Field, scope: Scope) -> Type:
        if node.of == Input(1) and node.name in _KEPT:
            return _KEPT[node.name](self.schema)
        base = self.kind(node.of, scope)
        found = step(base, node.name)
        if found is None:
            self.fail(
                node,
                f'there is no field "{node.name}" {complaints.where(node, base)}',
                complaints.path_hint(node, base, self.schema),
                last=node.name,
            )
        return found

    # ---- functions ---------------------------------------------------------------------------------------------------

    def call(self, node: Call, scope: Scope) -> Type | Entry:
        function = FUNCTIONS[node.function]
        letters: dict[str, Type] = {}
        given: list[Type] = []
        lifted = False
        for place, argument in enumerate(node.arguments):
            wanted = function.signature.parameter(place).kind
            if isinstance(wanted, Mapper):
                assert isinstance(argument, Lambda), "the builder puts a lambda where one is wanted"
                self.mapped(node, argument, wanted, letters, scope)
                continue
            assert not isinstance(argument, Lambda), "and a value where one is wanted"
            kind = self.kind(argument, scope)
            if isinstance(argument, Literal) and argument.value is None and wanted.word != "any":
                self.fail(argument, "nothing is the same as null", "ask .isNull() or .isNotNull()")
            if lifts(function, wanted, kind):
                lifted, kind = True, item_of(kind)
            self.accepts(node, argument, wanted, kind)
            self.bind(node, argument, wanted, kind, letters)
            given.append(kind)
        self.alike(node, given)
        self.pattern(node)
        found = result(function.signature.gives, letters, given)
        if lifted and not isinstance(found, Entry) and found is not Scalar.BOOLEAN:
            return ListType(item_of(found) if isinstance(found, ListType) else found)
        return found

    def accepts(self, node: Call, argument: Value, wanted: Kind, kind: Type) -> None:
        if node.function == "item" and isinstance(kind, MapType):
            self.fail(node.arguments[1], "the keys of a map are text", 'as in .get("key")')
        single = isinstance(kind, Scalar)
        if not (wanted.word == "list" and single) and fits(wanted, kind):
            return
        word = complaints.word_of(node)
        self.fail(
            argument,
            f"{word} needs {complaints.KINDS[wanted.word]}, but this is {describe(kind)}",
            complaints.operand_hint(node, wanted.word, kind),
        )

    def bind(self, node: Call, argument: Value, wanted: Kind, kind: Type, letters: dict[str, Type]) -> None:
        """Bind the letter of a signature to the type given for it, or compare it with what it stands for already."""
        if wanted.word in {"list", "map", "entry"}:
            letter, kind = wanted.parts[0].word, item_of(kind)
        else:
            letter = wanted.word
        if len(letter) > 1:
            return
        known = letters.get(letter)
        if known is not None and not is_alike(item_of(known), item_of(kind)):
            self.fail(
                argument if node.function != "if" else node,
                f"{complaints.word_of(node)} puts {describe(known)} beside {describe(kind)}: these are never the same",
                complaints.mismatch_hint(node, known, kind),
            )
        letters[letter] = kind if known is None else united(known, kind)

    def mapped(self, node: Call, argument: Lambda, wanted: Mapper, letters: dict[str, Type], scope: Scope) -> None:
        """Check a lambda with its variables typed by what the earlier arguments bound."""
        takes = [letters.get(kind.word, ANY) for kind in wanted.takes]
        inner = {**scope, **dict(zip(argument.names, takes, strict=True))}
        body = argument.body
        if wanted.gives.word == "entry":
            entry = self.call(body, inner) if isinstance(body, Call) else None
            if not isinstance(entry, Entry):
                self.fail(body, "a function of key and value gives mapEntry(key, value)")
            letters[wanted.gives.parts[0].word] = entry.value
            return
        kind = self.kind(body, inner)
        if wanted.gives.word == "boolean" or (isinstance(kind, ListType) and wanted.gives.word == "any"):
            found = kind
        else:
            found = item_of(kind) if isinstance(kind, ListType) else kind
        if not fits(wanted.gives, found):
            self.fail(
                body,
                f"{complaints.word_of(node)} needs {complaints.KINDS[wanted.gives.word]} here, "
                f"but this is {describe(kind)}",
                complaints.operand_hint(node, wanted.gives.word, kind),
            )
        if len(wanted.gives.word) == 1 or wanted.gives.word == "order":
            letters[wanted.gives.word] = found

    def alike(self, node: Call, given: list[Type]) -> None:
        if node.function in {"less", "at_most", "greater", "at_least"} and not is_alike(*map(item_of, given)):
            one, other = given
            self.fail(
                node,
                f"{complaints.word_of(node)} cannot order {describe(one)} and {describe(other)}",
                complaints.mismatch_hint(node, one, other),
            )

    def pattern(self, node: Call) -> None:
        if node.function not in TAKE_PATTERN:
            return
        pattern = node.arguments[1]
        if isinstance(pattern, Literal) and isinstance(pattern.value, str):
            try:
                groups = TAKE_PATTERN[node.function](pattern.value) or 0
            except InvalidRule as error:
                self.fail(pattern, error.message, error.hint)
            group = node.arguments[2] if len(node.arguments) > 2 else None
            if isinstance(group, Literal) and isinstance(group.value, int) and not 0 <= group.value <= groups:
                self.fail(group, f"the pattern has {groups} groups", "group 0 is all that matched")

    # ---- lists, times, chains ----------------------------------------------------------------------------------------

    def listing(self, items: tuple[Value, ...], scope: Scope) -> Type:
        united_kind: Type = ANY
        for item in items:
            kind = item_of(self.kind(item, scope))
            if not is_alike(united_kind, kind):
                self.fail(
                    item, f"a list holds one kind of thing: {describe(united_kind)} so far, {describe(kind)} here"
                )
            united_kind = united(united_kind, kind)
        return ListType(united_kind)

    def needs_time(self, node: Value, scope: Scope, why: str) -> None:
        kind = item_of(self.kind(node, scope))
        if not isinstance(kind, AnyType) and kind not in TIMES:
            self.fail(node, f"{why}, but this is {describe(kind)}", complaints.time_hint(kind))

    def when(self, when: When, scope: Scope) -> None:
        match when:
            case Offset(anchor=anchor) | Beside(anchor=anchor) | During(anchor):
                self.needs_time(anchor, scope, "a time must stand here")
            case Between(low, high):
                self.needs_time(low, scope, "a time must stand here")
                self.needs_time(high, scope, "a time must stand here")
            case _:
                assert_never(when)

    def chain(self, events: Value, time: Lambda, steps: tuple[Step, ...], scope: Scope) -> None:
        kind = self.kind(events, scope)
        if not isinstance(kind, ListType | AnyType):
            self.fail(events, f"a chain runs over events, but this is {describe(kind)}", "as in CHAIN(xEvent, …)")
        of_event = {**scope, time.names[0]: item_of(kind)}
        self.needs_time(time.body, of_event, "a chain is ordered by a time")
        labels: dict[str, Type] = {}
        for each in steps:
            for test in (each.what, each.where):
                if test is not None:
                    self.condition(test.body, {**scope, test.names[0]: item_of(kind)})
            if each.when is not None:
                self.when(each.when, {**scope, **labels})
            labels[each.label] = Scalar.TIMESTAMP

    def condition(self, node: Value, scope: Scope) -> None:
        kind = self.kind(node, scope)
        if not is_condition(kind):
            self.fail(node, f"a condition must stand here, but this is {describe(kind)}")

    def fail(self, node: Node, message: str, hint: str | None = None, *, last: str | None = None) -> Never:
        """Raise an error at a node, or at the last name of the path that it is."""
        span = self.spans.of(node)
        while span is None and isinstance(node, Field):
            node = node.of
            span = self.spans.of(node)
        if span is not None and last is not None:
            span = complaints.last_name(span, last)
        raise InvalidRule(message, span=span, hint=hint)


_KEPT: Mapping[str, Callable[[Schema], Type]] = {
    EVENTS: lambda schema: ListType(schema.event),
    IDENTITIES: lambda schema: schema.identities,
    MEMBERSHIPS: lambda schema: schema.memberships,
}
