"""What a name means where it stands: a variable, a field of the innermost unnamed item, or a field of the person."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from houselights.apis.adobe.language.words import EVENT_ARRAY, KEPT
from houselights.rules.values import EVENTS, Field, Input, Value, Variable


def step_of(of: Value, name: str) -> Field:
    """Take a step of a path; below the person, what the platform keeps has names of its own."""
    return Field(of, KEPT.get(name, name) if of == Input(1) else name)


@dataclass(frozen=True, slots=True)
class Scope:
    """The names in sight. `unnamed` are the variables of filters and the like around us, outermost first."""

    unnamed: tuple[str, ...] = ()
    named: Mapping[str, Callable[[], Value]] = field(default_factory=dict)

    def of_item(self) -> tuple["Scope", str]:
        """Return the scope inside one more filter, and the variable that stands for its item."""
        name = f"@{len(self.unnamed) + 1}"
        return Scope((*self.unnamed, name), self.named), name

    def with_names(self, names: Iterable[str]) -> "Scope":
        """Return the scope in which these names are variables."""
        return Scope(self.unnamed, {**self.named, **{name: _variable(name) for name in names}})

    def with_inputs(self, names: Iterable[str]) -> "Scope":
        """Return the scope in which these names are the inputs of the whole expression, in order."""
        inputs = {name: _input(position) for position, name in enumerate(names, start=1)}
        return Scope(self.unnamed, {**self.named, **inputs})

    def resolve(self, name: str, *, quoted: bool = False) -> Value:
        """Return what a path that begins with a name begins with. A quoted name is never a variable."""
        if not quoted and name in self.named:
            return self.named[name]()
        if name == EVENT_ARRAY and not quoted:
            return Field(Input(1), EVENTS)
        return step_of(Variable(self.unnamed[-1]) if self.unnamed else Input(1), name)

    def up(self, levels: int) -> Value | None:
        """Return the item `levels` filters up, at the end the person; None when there are not so many."""
        if levels < len(self.unnamed):
            return Variable(self.unnamed[-1 - levels])
        return Input(1) if levels == len(self.unnamed) else None


def _variable(name: str) -> Callable[[], Value]:
    # A node for each use, because where it stood in the text is remembered for each.
    return lambda: Variable(name)


def _input(position: int) -> Callable[[], Value]:
    return lambda: Input(position)
