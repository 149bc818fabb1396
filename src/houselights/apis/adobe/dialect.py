"""This room's expression language for those who bring text and no request: the command line, documents.

Audiences are named as clients name them, or by our own ids. Refuses what the API refuses to save, but for limits.
"""

from houselights.apis.adobe.ids import id_of, uuid_of
from houselights.apis.adobe.language.check import check_audience
from houselights.apis.adobe.language.kept import with_kept
from houselights.apis.adobe.language.parse import parse
from houselights.apis.adobe.language.write import write
from houselights.apis.adobe.standings import inward, outward
from houselights.base.errors import InvalidInput, InvalidRule
from houselights.rules.json_values import is_identifier
from houselights.rules.tree import Rule, Where
from houselights.rules.values import Member
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


def write_rule(rule: Rule) -> str:
    """Return the text of a rule that is one expression. Raises InvalidInput for others."""
    if not isinstance(rule, Where):
        raise InvalidInput("this rule is no expression of this language", field="rule")
    return write(outward(renamed(rule.expression, lambda name: uuid_of(int(name)))))


LANGUAGE = Language("adobe", read_rule, write_rule)
