"""This room's expression language for those who bring text and no request: the command line, documents.

Audiences are named as clients name them, or by our own ids. Refuses what the API refuses to save, but for limits.
"""

from collections.abc import Sequence

from houselights.apis.adobe.ids import id_of, uuid_of
from houselights.apis.adobe.language.check import check_audience
from houselights.apis.adobe.language.kept import with_kept
from houselights.apis.adobe.language.parse import parse
from houselights.apis.adobe.language.write import write
from houselights.apis.adobe.standings import inward, outward
from houselights.base.errors import InvalidInput, InvalidRule
from houselights.model.catalogue import Catalogue
from houselights.rules.json_values import is_identifier
from houselights.rules.tree import And, Everyone, HasTrait, InAudience, Nobody, Not, Or, Rule, Where
from houselights.rules.values import Call, Literal, Member, Value
from houselights.rules.walk import every, renamed
from houselights.services.caller import Caller
from houselights.services.house import House
from houselights.services.language import Language


def read_rule(house: House, caller: Caller, text: str) -> Rule:
    """Return the rule of an expression over the caller's workspace. Raises InvalidRule with the place of the fault."""
    parsed = parse(text)
    check_audience(parsed, with_kept(house.snapshots.current(caller.workspace.id).documents.shape.schema))
    numbers: dict[str, int] = {}
    for node in every(parsed.tree):
        if isinstance(node, Member):
            number = int(node.audience) if is_identifier(node.audience) else id_of(node.audience)
            if number is None or number not in house.audiences.find(caller, [number]):
                raise InvalidRule(f'there is no audience "{node.audience}"', span=parsed.spans.of(node))
            numbers[node.audience] = number
    return Where(inward(renamed(parsed.tree, lambda name: str(numbers[name])), id_of))


def write_rule(rule: Rule, catalogue: Catalogue) -> str:
    """Return a rule as text. Raises InvalidInput, with the place, for what no expression says."""
    return write(outward(renamed(_value_of(rule, catalogue, "rule"), lambda name: uuid_of(int(name)))))


def _value_of(rule: Rule, catalogue: Catalogue, place: str) -> Value:
    """Return what holds for the people of a rule: its expression, or `inSegment` for audiences and their traits."""
    match rule:
        case Where(expression):
            return expression
        case InAudience(audience_id):
            return Member(str(audience_id))
        case HasTrait(facet, keys):
            traits = [(key, catalogue.find(facet, key)) for key in keys]
            lacking = next((key for key, trait in traits if trait is None or trait.audience_id is None), None)
            if lacking is not None:
                why = f'"{lacking}" of {facet} is neither an attribute nor an audience, so no expression can name it'
                raise InvalidInput(why, field=f"{place}.trait")
            members = [Member(str(trait.audience_id)) for _, trait in traits if trait is not None]
            return _joined("or", members)
        case And(rules):
            return _joined("and", [_value_of(one, catalogue, f"{place}.and[{at}]") for at, one in enumerate(rules)])
        case Or(rules):
            return _joined("or", [_value_of(one, catalogue, f"{place}.or[{at}]") for at, one in enumerate(rules)])
        case Not(inner):
            return Call("not", (_value_of(inner, catalogue, f"{place}.not"),))
        case Everyone():
            return Literal(True)
        case Nobody():
            return Literal(False)
        case _:
            what = type(rule).__name__
            raise InvalidInput(f"no expression says {UNSAID.get(what, what)}", field=place)


def _joined(function: str, values: Sequence[Value]) -> Value:
    if not values:
        return Literal(function == "and")
    return values[0] if len(values) == 1 else Call(function, tuple(values))


UNSAID = {
    "Listed": "who is on a list",
    "Mentions": "what people wrote",
    "Follows": "whom people follow",
    "AtLeast": "how many of several rules hold",
}
LANGUAGE = Language("adobe", "Profile Query Language", read_rule, write_rule)
