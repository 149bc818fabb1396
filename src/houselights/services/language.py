"""A language in which people of a workspace can be described; a room that has one says how it is read and written."""

from collections.abc import Callable
from dataclasses import dataclass

from houselights.model.catalogue import Catalogue
from houselights.rules.tree import Rule
from houselights.services.caller import Caller
from houselights.services.house import House


@dataclass(frozen=True, slots=True)
class Language:
    """`read` makes a rule of text or raises InvalidRule with the place; `write` makes text of a rule, over a catalogue.

    `write` raises InvalidInput for a rule that the language cannot say: `field` is the place in the rule's JSON, the
    message why. `title` is what people call the language.
    """

    name: str
    title: str
    read: Callable[[House, Caller, str], Rule]
    write: Callable[[Rule, Catalogue], str]
