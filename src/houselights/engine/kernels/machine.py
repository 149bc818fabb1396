"""The compiler of these kernels, and the few machine instructions that numpy has no word for. Holds no algorithm.

`houselights.engine.workers` runs several kernels at once. numba's own `prange` was tried and dropped: its portable
threading layer aborts the process when two server threads meet in it, and its compilation takes several times longer.
"""

from pathlib import Path
from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]  # it ships no types
from numba.core import types
from numba.extending import intrinsic

from houselights.base.compiled import Array, Compiler, Number, inlined

__all__ = [
    "Array", "Number", "inlined", "kernel", "load2", "load4", "load8", "load8_alone", "lowest", "ones", "prefetch",
]  # fmt: skip

kernel = Compiler(Path(__file__).parent)


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
