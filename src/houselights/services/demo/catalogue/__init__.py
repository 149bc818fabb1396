"""The tables the demo world is made from, as YAML beside this file. Names of places are facts; all else is invented."""

from functools import cache
from importlib.resources import files
from typing import Any

import yaml

# libyaml reads these tables ten times faster; the pure Python loader is there where wheels lack it.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def table(name: str) -> Any:
    """Return the table `name` (without .yaml) as plain data, read once. Callers must not change it."""
    return yaml.load(files(__package__).joinpath(f"{name}.yaml").read_bytes(), Loader=_Loader)
