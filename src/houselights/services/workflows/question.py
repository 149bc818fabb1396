"""What an execution asks, whole: the SQL, values for its parameters, when, under which thresholds, for how long.

It is kept as JSON beside the execution, so that whoever begins it again asks the very same. Refuses values that do not
fit the parameters that were declared.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any

from houselights.base.errors import InvalidInput
from houselights.base.suggest import did_you_mean
from houselights.cleanroom.question import Behaviour, Privacy, Window
from houselights.model.workflow import InputParameter, TimeWindow
from houselights.services.workflows.windows import read_window, window_json

Value = str | int | float | bool
Values = Mapping[str, Value | Sequence[Value]]

WHOLE = frozenset({"INTEGER", "LONG", "SHORT", "BYTE"})
FRACTION = frozenset({"DECIMAL", "DOUBLE", "FLOAT"})
TYPES = WHOLE | FRACTION | {"STRING", "BOOLEAN", "DATE", "TIMESTAMP"}
BOOLEANS = {"true": True, "false": False}
# How CSV is written unless somebody wants it otherwise.
SEPARATOR, QUOTE = ",", '"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question. `floor` is the least number of people behind a row; `values` are checked against the parameters.
    `columns`, if there are any, are the names that the answer's columns must have, in order.

    With `is_dry` the query is checked and not run; without `keeps_file` it is run and nothing is written.
    """

    sql: str
    window: TimeWindow
    values: Values = field(default_factory=dict)
    whole_rows: bool | None = None
    discriminator: str | None = None
    reason_column: str | None = None
    floor: int = 1
    columns: tuple[str, ...] = ()
    timeout_seconds: int
    is_dry: bool = False
    keeps_file: bool = True
    separator: str = SEPARATOR
    quote: str = QUOTE
    escape: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the question as it is kept."""
        values = {name: list(each) if isinstance(each, tuple) else each for name, each in self.values.items()}
        rest = {each.name: getattr(self, each.name) for each in fields(self)}
        return {**rest, "columns": list(self.columns), "values": values, "window": window_json(self.window)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Asked":
        """Read a question that was kept."""
        return cls(**{**kept, "columns": tuple(kept["columns"]), "window": read_window(kept["window"])})

    @property
    def privacy(self) -> Privacy:
        """The thresholds in the clean room's words."""
        behaviours = {None: None, True: Behaviour.REMOVE_ROWS, False: Behaviour.REMOVE_VALUES}
        return Privacy(
            behaviour=behaviours[self.whole_rows],
            discriminator=self.discriminator,
            reason=self.reason_column,
            floor=self.floor,
        )

    @property
    def events(self) -> Window:
        """The window in the clean room's words."""
        return Window(start=self.window.start, end=self.window.end, zone=self.window.zone)


def checked_values(
    parameters: Sequence[InputParameter], given: Mapping[str, Any], *, field: str = "values"
) -> dict[str, Value | tuple[Value, ...]]:
    """Return a value of the declared type for each parameter: the given one, else the default.

    Raises InvalidInput for a value of a parameter that is not declared, a parameter without any value, and a value of
    another type; each names the parameter.
    """
    declared = {parameter.name: parameter for parameter in parameters}
    for name in given:
        if name not in declared:
            raise InvalidInput(
                f'the query declares no parameter "{name}"', field=f"{field}.{name}", hint=did_you_mean(name, declared)
            )
    values = {}
    for name, parameter in declared.items():
        value = given.get(name, parameter.default)
        if value is None:
            raise InvalidInput(f'the parameter "{name}" has no value and no default', field=f"{field}.{name}")
        each = value if isinstance(value, list | tuple) else [value]
        typed = tuple(_typed(parameter, one, f"{field}.{name}") for one in each)
        values[name] = typed if isinstance(value, list | tuple) else typed[0]
    return values


def _typed(parameter: InputParameter, value: Any, field: str) -> Value:
    kind, text = parameter.type, str(value).strip()
    try:
        if kind == "BOOLEAN":
            return BOOLEANS[text.lower()]
        if kind in WHOLE:
            return int(text)
        if kind in FRACTION:
            return float(text)
        if kind == "DATE":
            return date.fromisoformat(text).isoformat()
        if kind == "TIMESTAMP":
            return datetime.fromisoformat(text).isoformat(sep=" ")
    except (KeyError, ValueError):
        raise InvalidInput(f'"{text}" is no {kind}', field=field) from None
    return str(value)
