"""Makes the rule tree of the parser's tree: resolves names, applies functions, refuses what no schema could save."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Never, TypeVar

from lark import Token

from houselights.apis.adobe.language import forms
from houselights.apis.adobe.language.errors import Parse, Place, error_on
from houselights.apis.adobe.language.literals import (
    read_date,
    read_decimal,
    read_integer,
    read_relative,
    read_string,
    read_timestamp,
)
from houselights.apis.adobe.language.quoting import can_be_written
from houselights.apis.adobe.language.scope import Scope, step_of
from houselights.apis.adobe.language.spans import Spans
from houselights.apis.adobe.language.words import CALLS, DAYS, FORMS, INFIX, METHODS, OF_NOW, RESERVED, TAKE_CASE_FLAG
from houselights.base.suggest import did_you_mean
from houselights.rules.functions import FUNCTIONS
from houselights.rules.functions.table import Mapper
from houselights.rules.values import (
    Call,
    Input,
    Lambda,
    Let,
    Listing,
    Literal,
    Member,
    Node,
    Now,
    Occurs,
    Period,
    Record,
    Unit,
    Value,
)

MOST_INPUTS = 9
DEEPEST = 100  # levels of nesting; far from Python's own limit, and from any rule a person would write

# What stands in brackets and can be no condition is a key: `identityMap["email"]` is `identityMap.get("email")`.
_KEYS = {"string": "get", "integer": "item"}

N = TypeVar("N", bound=Node)


class Builder:
    """Makes the tree of one text. Every method takes a parser's tree and the scope it stands in."""

    def __init__(self, text: str, spans: Spans):
        self.text = text
        self.spans = spans
        self.depth = 0

    def query(self, tree: Parse) -> Value:
        (root,) = tree.children
        if root.data == "lambda_":
            _, *names, body = root.children
            for name in names:
                self.check_name(name)
            return self.value(body, Scope().with_inputs(map(str, names)))
        return self.value(root, Scope())

    def value(self, tree: Parse, scope: Scope) -> Value:
        with self.levels(tree, 1):
            return self.marked(self.made(tree, scope), tree)

    @contextmanager
    def levels(self, place: Place, number: int) -> Iterator[None]:
        """Go some levels deeper, if there may be so many. They are levels of the tree, not of the brackets."""
        self.depth += number
        if self.depth > DEEPEST:
            self.fail(place, f"nested too deeply: more than {DEEPEST} levels", "split it into several audiences")
        yield
        self.depth -= number

    def made(self, tree: Parse, scope: Scope) -> Value:
        match str(tree.data), tree.children:
            case ("disjunction" | "conjunction") as data, children:
                name = "or" if data == "disjunction" else "and"
                return Call(name, tuple(self.value(child, scope) for child in children))
            case ("compare", [left, operator, right]):
                arguments = (self.value(left, scope), self.value(right, scope))
                return Call(INFIX["notIn" if operator.type == "NOT_IN" else operator.lower()], arguments)
            case (("sum_" | "product"), [first, *rest]):
                return self.reckoned(first, rest, scope)
            case ("occurs", [time, when]):
                return Occurs(self.value(time, scope), forms.when(self, when, scope))
            case ("not_", [operand]):
                return Call("not", (self.value(operand, scope),))
            case ("negative", [_, operand]):
                return self.negative(operand)
            case ("field", [of, name]):
                return step_of(self.value(of, scope), self.name(name))
            case ("first_name", [name]):
                return self.first_name(name, scope)
            case ("up", [climb, name]):
                return self.climbed(climb, self.name(name), scope)
            case ("input", [position]):
                return self.input(position)
            case ("method", [receiver, name, _, arguments]):
                return self.method(receiver, name, _children(arguments), scope)
            case ("call", [name, _, arguments]):
                return self.call(tree, name, _children(arguments), scope)
            case ("filter", [of, _, key]) if key.data in _KEYS:
                return Call(_KEYS[str(key.data)], (self.value(of, scope), self.value(key, scope)))
            case ("filter", [of, _, condition]):
                return Call("filter", (self.value(of, scope), self.function(condition, 1, scope)))
            case ("list", [_, items]):
                return Listing(tuple(self.value(item, scope) for item in _children(items)))
            case ("object", entries):
                return self.record(entries, scope)
            case _:
                return self.form(tree, scope)

    def form(self, tree: Parse, scope: Scope) -> Value:
        match str(tree.data), tree.children:
            case ("quantified", [word, *generators]):
                return forms.generated(self, str(word).lower(), forms.generators(generators), scope)
            case ("select", generators):
                return forms.generated(self, "filter", forms.generators(generators), scope)
            case ("comprehension", [word, head, generator]):
                return forms.comprehension(self, str(word).lower(), head, generator, scope)
            case ("let", [name, value, _, body]):
                self.check_name(name)
                return Let(str(name), self.value(value, scope), self.value(body, scope.with_names([str(name)])))
            case ("chain", [events, time, _, *steps]):
                return forms.chain(self, events, time, steps, scope)
            case ("string", [token]):
                return Literal(read_string(self.text, token))
            case ("integer", [token]):
                return Literal(read_integer(self.text, token))
            case ("decimal", [token]):
                return Literal(read_decimal(self.text, token))
            case ("constant", [token]):
                return Literal({"true": True, "false": False, "null": None}[token.lower()])
            case ("day_word", [token]):
                word = token.lower()
                return Now() if word == "now" else Period(DAYS[word], Unit.DAY)
            case ("relative", [token]):
                return read_relative(token)
            case ("lambda_", _):
                self.fail(tree, "a function cannot stand here", "lambdas are arguments of list methods, as in map(…)")
        raise AssertionError(f"the grammar has a rule {tree.data} that the builder does not know")

    # ---- names -------------------------------------------------------------------------------------------------------

    def first_name(self, token: Token, scope: Scope) -> Value:
        if token.type == "QUOTED_NAME":
            return scope.resolve(self.unquoted(token), quoted=True)
        if token.lower() in RESERVED:
            self.fail(token, f'"{token}" is a word of the language', f"a field of that name is written `{token}`")
        return scope.resolve(str(token))

    def climbed(self, climb: Token, name: str, scope: Scope) -> Value:
        start = scope.up(len(climb))
        if start is None:
            levels = len(scope.unnamed)
            within = "not inside a filter" if not levels else f"only {levels} filter{'s' if levels > 1 else ''} deep"
            self.fail(climb, f"{climb} climbs out of {len(climb)}, but this is {within}", "^ leaves one filter each")
        return step_of(start, name)

    def name(self, tree: Parse) -> str:
        (token,) = tree.children
        return self.unquoted(token) if token.type == "QUOTED_NAME" else str(token)

    def unquoted(self, token: Token) -> str:
        name = str(token)[1:-1]
        if not can_be_written(name):
            self.fail(token, "a name has printable characters only")
        return name

    def check_name(self, token: Token) -> None:
        if token.lower() in RESERVED or token == "xEvent":
            self.fail(token, f'"{token}" is a word of the language and cannot name a variable')

    # ---- functions ---------------------------------------------------------------------------------------------------

    def method(self, receiver: Parse, name: Parse, arguments: Sequence[Parse], scope: Scope) -> Value:
        word = self.name(name)
        ours = METHODS.get(word)
        if ours is None:
            hint = did_you_mean(word, METHODS)
            if hint is None and word in CALLS:
                hint = f"{word} is written {word}(…)"
            self.fail(name, f'there is no method "{word}"', hint)
        if ours == "map" and len(arguments) == 1 and len(_lambda_names(arguments[0])) == 2:
            ours = "map_entries"
        if ours == "get" and len(arguments) == 1 and arguments[0].data == "integer":
            ours = "item"
        return self.applied(name, ours, word, [receiver, *arguments], scope)

    def call(self, tree: Parse, name: Token, arguments: Sequence[Parse], scope: Scope) -> Value:
        word = str(name)
        match word:
            case "date":
                return self.date(tree, arguments, scope)
            case "timestamp":
                return Literal(read_timestamp(self.text, tree, arguments))
            case "inSegment":
                return self.member(tree, arguments)
        if word in OF_NOW:
            ours = OF_NOW[word]
            expected = FUNCTIONS[ours].signature.fewest - 1
            if len(arguments) != expected:
                self.fail(tree, f"{word} takes {_counted(expected)}, not {len(arguments)}")
            return Call(ours, (*(self.value(each, scope) for each in arguments), Now()))
        known = next((each for each in CALLS if each == word or each.lower() == word.lower() == "if"), None)
        if known is None:
            hint = did_you_mean(word, [*CALLS, *OF_NOW, *FORMS])
            if word in METHODS:
                hint = f"{word} is a method: write x.{word}(…)"
            self.fail(name, f'there is no function "{word}"', hint)
        return self.applied(name, CALLS[known], word, arguments, scope)

    def applied(self, place: Place, ours: str, word: str, arguments: Sequence[Parse], scope: Scope) -> Value:
        """Apply a function of the table; the number of arguments is checked here, their types where a schema is."""
        ignore_case = False
        if ours in TAKE_CASE_FLAG and len(arguments) > 2 and _is_flag(arguments[-1]):
            ignore_case = arguments[-1].children[0].lower() == "false"
            arguments = arguments[:-1]
        signature = FUNCTIONS[ours].signature
        receivers = int((word in METHODS and METHODS[word] == ours) or ours in {"map_entries", "item"})
        if not signature.fewest <= len(arguments) <= (signature.most or len(arguments)):
            least, most = signature.fewest - receivers, (signature.most or 0) - receivers
            wanted = _counted(least) if least == most else f"at least {least}" if most < 0 else f"{least} or {most}"
            self.fail(place, f"{word} takes {wanted}, not {len(arguments) - receivers}")
        made: list[Value | Lambda] = []
        for position, argument in enumerate(arguments):
            kind = signature.parameter(position).kind
            if isinstance(kind, Mapper):
                made.append(self.function(argument, len(kind.takes), scope))
            else:
                made.append(self.value(argument, scope))
        return Call(ours, tuple(made), ignore_case)

    def function(self, tree: Parse, variables: int, scope: Scope) -> Lambda:
        """Make a lambda of an argument: as written, or, for one variable, of an expression about the item."""
        if tree.data == "lambda_":
            _, *names, body = tree.children
            for name in names:
                self.check_name(name)
            if len(names) != variables:
                self.fail(tree, f"this function must have {_counted(variables, 'variable')}, not {len(names)}")
            inside = scope.with_names(map(str, names))
            return self.marked(Lambda(tuple(map(str, names)), self.value(body, inside)), tree)
        if variables != 1:
            self.fail(
                tree, f"this must be a function of {variables} variables", "as in (K, G) => mapEntry(K, G.count())"
            )
        inner, name = scope.of_item()
        return self.marked(Lambda((name,), self.value(tree, inner)), tree)

    # ---- small forms -------------------------------------------------------------------------------------------------

    def negative(self, operand: Parse) -> Literal:
        if operand.data == "integer":
            return Literal(read_integer(self.text, operand.children[0], negative=True))
        if operand.data == "decimal":
            return Literal(-read_decimal(self.text, operand.children[0]))
        return self.fail(operand, "only a number can be negative", "write 0 - x")

    def input(self, token: Token) -> Input:
        position = int(token[1:])
        if not 1 <= position <= MOST_INPUTS:
            self.fail(token, f"inputs are numbered from $1 to ${MOST_INPUTS}", "$1 is the profile")
        return Input(position)

    def date(self, tree: Parse, arguments: Sequence[Parse], scope: Scope) -> Value:
        """Read a date; of parts that are not all written out it is a function."""
        if len(arguments) == 3 and any(each.data != "integer" for each in arguments):
            return Call("date_of", tuple(self.value(each, scope) for each in arguments))
        return Literal(read_date(self.text, tree, arguments))

    def member(self, tree: Parse, arguments: Sequence[Parse]) -> Member:
        if len(arguments) != 1 or arguments[0].data != "string":
            self.fail(tree, "inSegment takes the id of one audience, written out", 'as in inSegment("e3be6d7f")')
        return Member(read_string(self.text, arguments[0].children[0]))

    def record(self, entries: Sequence[Parse | None], scope: Scope) -> Record:
        made: dict[str, Value] = {}
        for entry in entries:
            if entry is not None:
                key, value = entry.children
                name = read_string(self.text, key)
                if name in made:
                    self.fail(key, f'the object has "{name}" twice')
                made[name] = self.value(value, scope)
        return Record(tuple(made.items()))

    def reckoned(self, first: Parse, rest: Sequence[Parse], scope: Scope) -> Value:
        operators, operands = rest[::2], rest[1::2]
        with self.levels(operands[-1], len(operators) - 1):  # each stands on the result of the one before
            made = self.value(first, scope)
            for operator, operand in zip(operators, operands, strict=True):
                made = Call(INFIX[str(operator)], (made, self.value(operand, scope)))
                self.spans.mark(made, first.meta.start_pos, operand.meta.end_pos)
            return made

    # ---- places ------------------------------------------------------------------------------------------------------

    def marked(self, node: N, place: Parse) -> N:
        self.spans.mark(node, place.meta.start_pos, place.meta.end_pos)
        return node

    def fail(self, place: Place, message: str, hint: str | None = None) -> Never:
        raise error_on(self.text, place, message, hint)


def _children(arguments: Parse | None) -> Sequence[Parse]:
    return [] if arguments is None else arguments.children


def _lambda_names(tree: Parse) -> Sequence[Token]:
    return tree.children[1:-1] if tree.data == "lambda_" else []


def _is_flag(tree: Parse) -> bool:
    return tree.data == "constant" and tree.children[0].lower() in {"true", "false"}


def _counted(number: int, noun: str = "argument") -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"
