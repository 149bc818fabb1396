"""Knobs of the upload path: who works, how much may wait, how much is worked on at once.

An operator sets them in `HOUSELIGHTS_UPLOADS="workers=apart,waiting_records=5000000"`. Refuses words that are no knobs.
"""

import os
from dataclasses import dataclass, fields
from typing import Any

from houselights.base.errors import InvalidInput
from houselights.base.suggest import did_you_mean

VARIABLE = "HOUSELIGHTS_UPLOADS"
INSIDE, APART = "inside", "apart"


@dataclass(frozen=True, slots=True)
class UploadSettings:
    """`workers` are "inside" a server process, or "apart": then `houselights worker` must run somewhere.

    Of one workspace at most `waiting_records` in `waiting_bytes` wait, more is turned away; `batch_records` in
    `batch_bytes` are worked on at once, which is what a worker's memory holds. A worker that has not been heard of for
    `lease_seconds` is taken for dead. Outcomes can be read for `keep_days`.
    """

    workers: str = INSIDE
    waiting_records: int = 20_000_000
    waiting_bytes: int = 2 << 30
    batch_records: int = 120_000
    batch_bytes: int = 32 << 20
    lease_seconds: int = 60
    keep_days: int = 400

    @classmethod
    def from_environment(cls) -> "UploadSettings":
        """Read the variable. Raises InvalidInput for an unknown knob, or a value that it cannot have."""
        knobs = {each.name: each for each in fields(cls)}
        values: dict[str, Any] = {}
        for pair in filter(None, os.environ.get(VARIABLE, "").split(",")):
            name, _, text = (part.strip() for part in pair.partition("="))
            if name not in knobs:
                raise InvalidInput(f'there is no knob "{name}"', field=VARIABLE, hint=did_you_mean(name, set(knobs)))
            if name == "workers":
                if text not in (INSIDE, APART):
                    raise InvalidInput(f'workers are "{INSIDE}" or "{APART}", not "{text}"', field=f"{VARIABLE} {name}")
                values[name] = text
            elif text.isdecimal() and int(text) > 0:
                values[name] = int(text)
            else:
                raise InvalidInput(f'"{text}" is no whole number above 0', field=f"{VARIABLE} {name}")
        return cls(**values)
