"""How a numba kernel is compiled and where its machine code is kept. Holds no algorithm, and imports nothing of ours.

Every kernel has one explicit signature, so it is compiled once, at import, and kept on disk. Kernels release the
interpreter lock and run on one thread.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeAlias, TypeVar, cast

import numba
import numpy as np
from numba.core import config as numba_config

P = ParamSpec("P")
R = TypeVar("R")

# A machine number inside a kernel, where its width and sign are what the signature says; an int to everybody else.
Number: TypeAlias = Any
Array: TypeAlias = np.ndarray[Any, Any]

_config: Any = numba_config  # its attributes come from the environment, so no type checker sees them


def cache_folder(sources: Path) -> Path:
    """Name the folder of compiled code after the sources, a folder of modules, that it was made from.

    numba notices a change in the file of a kernel, but not in the files of the functions it calls, and would go on
    running stale machine code. A folder per content cannot be stale.
    """
    digest = hashlib.blake2b(digest_size=8)
    for source in sorted(sources.glob("*.py")):
        digest.update(source.read_bytes())
    given = _config.CACHE_DIR
    home = sources / "__pycache__"
    if not given:
        try:
            home.mkdir(exist_ok=True)
            probe = home / ".writable"
            probe.touch()
            probe.unlink(missing_ok=True)
        except OSError:
            home = Path.home() / ".cache" / "houselights"
    return Path(given or home) / f"kernels-{digest.hexdigest()}"


class Compiler:
    """Compiles the kernels of one folder of modules; `folder` is where their machine code is kept."""

    def __init__(self, sources: Path):
        self.folder = cache_folder(sources)

    def __call__(self, signature: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
        """Compile a function for exactly one signature, in numba's notation."""

        def compiled(function: Callable[P, R]) -> Callable[P, R]:
            usual = _config.CACHE_DIR
            _config.CACHE_DIR = str(self.folder)
            try:
                made = numba.njit(signature, nogil=True, cache=True, error_model="numpy", boundscheck=False)(function)
            finally:
                _config.CACHE_DIR = usual
            return cast("Callable[P, R]", made)

        return compiled


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """Mark a function as part of the kernels that call it; it has no life of its own."""
    return cast("Callable[P, R]", numba.njit(nogil=True, error_model="numpy", boundscheck=False)(function))
