"""Applies functions of the table to answers, as the table's shapes meet lists and what is missing. Knows no node."""

from sqlglot import exp

from houselights.engine.sql.comparing import ARITHMETIC, COMPARING, Argument
from houselights.engine.sql.found import Findings
from houselights.engine.sql.lists import LISTS, get
from houselights.engine.sql.sequences import as_term, items_of, narrow
from houselights.engine.sql.terms import Answer, Constant, Record, Term, Unsupported, condition, disjunction, is_list
from houselights.engine.sql.texts import TEXT_TESTS, TEXT_VALUES, lowered
from houselights.engine.sql.times import TIME_VALUES
from houselights.model.schema import AnyType, Scalar
from houselights.rules.calendar import instant
from houselights.rules.functions import FUNCTIONS
from houselights.rules.functions.comparing import is_number, is_time
from houselights.rules.functions.table import Function, Kind
from houselights.rules.functions.texts import lowered as lowered_text
from houselights.rules.values import Call

_KINDS = {
    "text": (Scalar.STRING,),
    "integer": (Scalar.INTEGER,),
    "number": (Scalar.INTEGER, Scalar.NUMBER),
    "time": (Scalar.DATE, Scalar.TIMESTAMP),
}


def apply(node: Call, arguments: list[Argument], found: Findings) -> Answer:
    """Return what a call answers. Raises Unsupported for functions that have no SQL."""
    name = node.function
    if name in COMPARING:
        return COMPARING[name](found, arguments)
    if name in LISTS:
        return LISTS[name](found, arguments)
    values = [each for each in arguments if not callable(each)]
    if name == "get":
        return get(found, values[0], values[1])
    if name in TEXT_TESTS:
        return _tested(node, values, found)
    if name in ARITHMETIC or name in TIME_VALUES or name in TEXT_VALUES:
        return _lifted(name, values, found)
    raise Unsupported(f'the function "{name.replace("_", " ")}"')


def _asked(function: Function, values: list[Answer]) -> list[str]:
    words = []
    for position in range(len(values)):
        kind = function.signature.parameter(position).kind
        assert isinstance(kind, Kind), "functions of single values take no lambdas"
        words.append(kind.word)
    return words


def _fitting(answer: Answer, word: str, found: Findings) -> Answer:
    """Return a single answer if it is of the kind asked for, null otherwise; a list as it is."""
    if is_list(answer) or word not in _KINDS:
        return answer
    match answer:
        case Constant(value):
            return answer if _is_of(value, word) else Constant(None)
        case Term(kind=AnyType()):
            raise Unsupported("a value of unknown type")
        case Term(kind=kind):
            if word == "integer" and kind is Scalar.NUMBER:
                raise Unsupported("a number where a whole one is asked for")
            return answer if any(kind is each for each in _KINDS[word]) else Constant(None)
        case Record():
            return Constant(None)
        case _:
            return as_term(answer, found)


def _is_of(value: object, word: str) -> bool:
    match word:
        case "text":
            return isinstance(value, str)
        case "integer":
            return is_number(value) and isinstance(value, int)
        case "number":
            return is_number(value)
        case _:
            return is_time(value)


def _term(answer: Answer, found: Findings) -> Term:
    if isinstance(answer, Constant) and is_time(answer.value):
        return as_term(Constant(instant(answer.value)), found)
    term = as_term(answer, found)
    return narrow(term)


def _lifted(name: str, values: list[Answer], found: Findings) -> Answer:
    """Apply a function of single values, to each item where one argument is a list."""
    words = _asked(FUNCTIONS[name], values)
    given = [_fitting(value, word, found) for value, word in zip(values, words, strict=True)]
    if Constant(None) in given:
        return Constant(None)
    lists = [place for place, value in enumerate(given) if is_list(value)]
    if len(lists) > 1:
        return Constant(None)
    if lists:
        place = lists[0]
        return items_of(given[place], found).map(
            lambda item: _lifted(name, [*given[:place], item, *given[place + 1 :]], found)
        )
    if name in ARITHMETIC:
        # Bare, not settled: how infinities pass through is the operator's business.
        terms = [value if isinstance(value, Term) else as_term(value, found) for value in given]
        return ARITHMETIC[name](terms)
    render = TIME_VALUES.get(name) or TEXT_VALUES[name]
    return render([_term(value, found) for value in given])


def _tested(node: Call, values: list[Answer], found: Findings) -> Answer:
    """Apply a test of single texts: of a list, whether it holds for any item; the last argument may be alternatives."""
    function = FUNCTIONS[node.function]
    words = _asked(function, values)
    parameters = function.signature.parameters
    fixed = len(parameters) - parameters[-1].repeated
    given = [_fitting(value, word, found) for value, word in zip(values, words, strict=True)]
    if Constant(None) in given[:fixed]:
        return Constant(False)
    lists = [place for place, value in enumerate(given[:fixed]) if is_list(value)]
    if len(lists) > 1:
        return Constant(False)

    def test(answers: list[Answer]) -> exp.Expr:
        if any(_is_not_text(each) for each in answers[:fixed]):
            return exp.false()
        terms = [_text(each, node.ignore_case, found) for each in answers]
        return TEXT_TESTS[node.function](terms)

    def against(answers: list[Answer]) -> exp.Expr:
        """Test against each of the alternatives that stand in lists, and once against all that do not."""
        singles = [each for each in answers[fixed:] if not is_list(each) and each != Constant(None)]
        several = [each for each in answers[fixed:] if is_list(each)]
        if fixed == len(parameters):
            return test(answers)
        tests = [test([*answers[:fixed], *singles])] if singles else []
        tests += [items_of(each, found).any(lambda item: test([*answers[:fixed], item])) for each in several]
        return disjunction(tests)

    if not lists:
        return condition(against(given))
    place = lists[0]
    return condition(
        items_of(given[place], found).any(lambda item: against([*given[:place], item, *given[place + 1 :]]))
    )


def _is_not_text(answer: Answer) -> bool:
    match answer:
        case Constant(value):
            return not isinstance(value, str)
        case Term(kind=kind):
            return kind is not Scalar.STRING
        case _:
            return True


def _text(answer: Answer, ignore_case: bool, found: Findings) -> Term:
    if isinstance(answer, Constant):
        if not isinstance(answer.value, str):
            raise Unsupported("something that is not text among texts")
        return as_term(Constant(lowered_text(answer.value) if ignore_case else answer.value), found)
    term = as_term(answer, found)
    if term.kind is not Scalar.STRING:
        raise Unsupported("something that is not text among texts")
    return lowered(term) if ignore_case else term
