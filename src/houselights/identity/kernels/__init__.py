"""Compiled loops over hashes and keys: reading hexadecimal, mixing keys, looking them up, joining what is linked."""

from pathlib import Path

from houselights.base.compiled import Compiler

kernel = Compiler(Path(__file__).parent)
