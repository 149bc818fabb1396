"""Modules that take a second or two to load and that few processes ever need: loaded when something in them is used.

For libraries only, and only for those that would make every start of the command line slow.
"""

from importlib import import_module
from typing import Any


class Later:
    """Stands for a module by its name; its attributes are those of the module. What it lacks raises AttributeError."""

    def __init__(self, name: str):
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(import_module(self._name), attribute)
