"""How a kernel is compiled, and the few machine instructions that numpy has no word for. Holds no algorithm.

Every kernel has one explicit signature, so it is compiled once, at import, and kept on disk. Kernels release the
interpreter lock and run on one thread; `houselights.engine.workers` runs several at once. numba's own `prange` was
tried and dropped: its portable threading layer aborts the process when two server threads meet in it, and its
compilation takes several times longer.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeAlias, TypeVar, cast

import numba
import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]  # it ships no types
from numba.core import config as numba_config
from numba.core import types
from numba.extending import intrinsic

P = ParamSpec("P")
R = TypeVar("R")

# A machine number inside a kernel, where its width and sign are what the signature says; an int to everybody else.
Number: TypeAlias = Any
Array: TypeAlias = np.ndarray[Any, Any]

config: Any = numba_config  # its attributes come from the environment, so no type checker sees them
HERE = Path(__file__).parent


def _cache_folder() -> Path:
    """Name the folder of compiled code after the sources it was made from.

    numba notices a change in the file of a kernel, but not in the files of the functions it calls, and would go on
    running stale machine code. A folder per content cannot be stale.
    """
    digest = hashlib.blake2b(digest_size=8)
    for source in sorted(HERE.glob("*.py")):
        digest.update(source.read_bytes())
    given = config.CACHE_DIR
    home = HERE / "__pycache__"
    if not given:
        try:
            home.mkdir(exist_ok=True)
            probe = home / ".writable"
            probe.touch()
            probe.unlink(missing_ok=True)
        except OSError:
            home = Path.home() / ".cache" / "houselights"
    return Path(given or home) / f"kernels-{digest.hexdigest()}"


CACHE_FOLDER = _cache_folder()


def kernel(signature: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Compile a function for exactly one signature; `signature` is in numba's notation."""

    def compiled(function: Callable[P, R]) -> Callable[P, R]:
        usual = config.CACHE_DIR
        config.CACHE_DIR = str(CACHE_FOLDER)
        try:
            made = numba.njit(signature, nogil=True, cache=True, error_model="numpy", boundscheck=False)(function)
        finally:
            config.CACHE_DIR = usual
        return cast("Callable[P, R]", made)

    return compiled


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """Mark a function as part of the kernels that call it; it has no life of its own."""
    return cast("Callable[P, R]", numba.njit(nogil=True, error_model="numpy", boundscheck=False)(function))


def _load(bits: int, result: Any) -> Any:
    """Make an intrinsic that reads `bits` little-endian bits at `base + offset`, aligned or not."""

    def load(_typing: Any, _base: Any, _offset: Any) -> Any:
        def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            byte = ir.IntType(8)
            start = builder.inttoptr(arguments[0], byte.as_pointer())
            place = builder.gep(start, [arguments[1]], source_etype=byte)
            wide = ir.IntType(bits)
            value = builder.load(builder.bitcast(place, wide.as_pointer()), align=1, typ=wide)
            return value if bits == 64 else builder.zext(value, ir.IntType(64))

        return result(types.uint64, types.int64), generate

    return intrinsic(load)


# Portable roaring aligns nothing, so these say align=1. An address is a plain number: the caller keeps the memory.
load2: Any = _load(16, types.int64)
load4: Any = _load(32, types.int64)
load8: Any = _load(64, types.uint64)


def _load8_alone(_typing: Any, _base: Any, _offset: Any) -> Any:
    """Read 64 bits at an aligned place, as a load that the compiler may not merge with others.

    LLVM turns a loop of scattered loads into AVX-512 gathers, which took a fifth longer than the plain loads on the
    machine this was measured on (Zen 5). An unordered atomic load is a plain load that it leaves alone.
    """

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        byte, wide = ir.IntType(8), ir.IntType(64)
        start = builder.inttoptr(arguments[0], byte.as_pointer())
        place = builder.gep(start, [arguments[1]], source_etype=byte)
        return builder.load_atomic(builder.bitcast(place, wide.as_pointer()), "monotonic", 8, typ=wide)

    return types.uint64(types.uint64, types.int64), generate


def _prefetch(_typing: Any, _base: Any, _offset: Any) -> Any:
    """Ask for the cache line at `base + offset`, and do not wait for it. Harmless at any address."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        byte, number = ir.IntType(8), ir.IntType(32)
        start = builder.inttoptr(arguments[0], byte.as_pointer())
        place = builder.gep(start, [arguments[1]], source_etype=byte)
        kind = ir.FunctionType(ir.VoidType(), [byte.as_pointer(), number, number, number])
        function = builder.module.declare_intrinsic("llvm.prefetch", [byte.as_pointer()], kind)
        read, keep, data = (ir.Constant(number, value) for value in (0, 3, 1))
        builder.call(function, [place, read, keep, data])
        return ir.Constant(number, 0)

    return types.int32(types.uint64, types.int64), generate


def _ones(_typing: Any, _word: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.int64(types.uint64), generate


def _lowest(_typing: Any, _word: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.uint64), generate


load8_alone: Any = intrinsic(_load8_alone)
prefetch: Any = intrinsic(_prefetch)
ones: Any = intrinsic(_ones)  # how many bits of a word are set
lowest: Any = intrinsic(_lowest)  # the position of the lowest set bit of a word that is not zero
