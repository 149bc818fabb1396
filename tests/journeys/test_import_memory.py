"""An import streams: its memory hardly grows with the people, so that ten million fit in 4 GiB (`bench/imports.py`)."""

import sys

import pytest
from bench.imports import measure

GIB = 1 << 30

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="reads the peak where only Linux writes it"),
]


def test_memory_hardly_grows_with_the_people() -> None:
    few, many = measure(100_000), measure(700_000)
    assert many.peak_bytes < 1.5 * GIB
    # Per person beyond the first: at this rate ten million add 3 GiB at the very most.
    assert (many.peak_bytes - few.peak_bytes) / 600_000 < 1500
