"""Kernels compile once, for one signature each, into a folder named after their sources."""

from pathlib import Path

from houselights.base.compiled import cache_folder
from houselights.engine.kernels import bits, build, counting, program, roaring
from houselights.engine.warm import warm_up

KERNELS = (
    bits.bit_positions, bits.cross_counts, bits.set_bits, bits.sum_where, build.count_keys, build.fill_rows,
    build.scatter, build.sum_of, build.turn, build.wants_words, build.write_bitmap, counting.count_each,
    counting.count_rows, program.run_program, roaring.unpack,
)  # fmt: skip


def test_running_every_kernel_compiles_nothing_more() -> None:
    warm_up()
    assert [len(kernel.signatures) for kernel in KERNELS] == [1] * len(KERNELS)  # type: ignore[attr-defined]


def test_a_changed_source_has_another_folder(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("a = 1")
    before = cache_folder(tmp_path)
    assert cache_folder(tmp_path) == before
    (tmp_path / "one.py").write_text("a = 2")
    assert cache_folder(tmp_path) != before
