"""What may stand where in an audience: which parameters may come first, which may never include.

Every rule is the vendor's own. One of them its own example breaks (countries that include); that is refused only where
the operator wants the words kept (`Policy.strict`).
"""

from collections.abc import Iterator, Sequence

from houselights.apis.statsocial.audiences.schemas import Parameter
from houselights.apis.statsocial.errors import Fault, Rejected
from houselights.model.rights import Rights

NEEDS_RIGHT_FIRST = frozenset({"age", "gender", "location"})
NEVER_FIRST = frozenset({"ethnicity"})
INCLUDES_ONLY_FIRST = frozenset({"age", "gender"})
NEVER_INCLUDES = frozenset({"ethnicity"})


def check_order(parameters: Sequence[Parameter], rights: Rights, *, strict: bool) -> None:
    """Raise Rejected with everything that stands where it may not: 400, or 403 when only a right is missing."""
    faults = [fault for at, each in enumerate(parameters) for fault in _misplaced(at, each, strict=strict)]
    if faults:
        raise Rejected(faults)
    first = parameters[0].kind
    if first in NEEDS_RIGHT_FIRST and not rights.demographics_first:
        why = f"{first} may be the first parameter only with a permission that this client does not have"
        hint = "put another kind first, or ask an operator for the right demographics_first"
        raise Rejected([Fault(why, "parameters[0]", hint)], code="NOT_ALLOWED", status=403)


def _misplaced(at: int, parameter: Parameter, *, strict: bool) -> Iterator[Fault]:
    kind, includes = parameter.kind, parameter.operation == "OR"
    place = f"parameters[{at}]"
    countries = kind == "location" and bool(parameter.content.countries)
    if at == 0 and kind in NEVER_FIRST:
        yield Fault(f"{kind} can never be the first parameter", place)
    elif at == 0 and not includes:
        hint = "AND and NOT say who stays of those that OR brings in"
        yield Fault("the operation of the first parameter is OR", f"{place}.operation", hint)
    elif at == 0 and countries:
        hint = "put cities, regions or dmas first, and the countries into a parameter with AND or NOT"
        yield Fault("countries can never be in the first parameter", f"{place}.location.countries", hint)
    elif includes and kind in NEVER_INCLUDES:
        yield Fault(f"the operation of {kind} can never be OR", f"{place}.operation", "use AND or NOT")
    elif includes and at > 0 and kind in INCLUDES_ONLY_FIRST:
        yield Fault(f"the operation of {kind} is OR only in the first parameter", f"{place}.operation")
    elif includes and countries and strict:
        yield Fault("countries can never be OR", f"{place}.operation", "use AND or NOT")
