"""Builds the full-text index of one file of texts, part by part, and puts it in its place with one rename.

Texts are folded (`base/text.py`): a word is whatever stands between two spaces, and a space begins and ends each text.
So cutting at spaces leaves an empty word on both sides of every text. These are counted as places and listed nowhere,
and no phrase reaches from one text into the next. A part takes as many times the memory of its texts as it says below.
"""

import json
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from uuid import uuid4

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from houselights.engine.kernels.build import count_keys, scatter
from houselights.engine.kernels.words import STRIDE_BITS
from houselights.engine.texts.part import Part
from houselights.engine.texts.segment import ABOUT, FORMAT, Segment

MAKING = ".making"  # how the name of a folder ends whose segment is being made
COLUMNS = ("person_id", "field", "time", "folded")
ROWS_A_PART = 1 << 20
BYTES_A_PART = 1 << 28  # of texts; while it is built, a part takes some ten times as many
NO_TIME = np.iinfo(np.int64).min


def build_segment(folder: Path, batches: Iterable[pa.RecordBatch]) -> Segment:
    """Index batches of COLUMNS, in their order, into `folder` and open it.

    Where another process has put the same folder meanwhile, that one is used.
    """
    making = folder.with_name(f"{folder.name}.{uuid4().hex}{MAKING}")
    making.mkdir(parents=True)
    try:
        names: dict[str, int] = {}
        parts = 0
        for parts, rows in enumerate(_parts(batches), 1):
            _part(rows, names).save(making / str(parts - 1))
        (making / ABOUT).write_text(json.dumps({"format": FORMAT, "fields": list(names), "parts": parts}))
        try:
            os.rename(making, folder)
        except OSError:
            if not folder.exists():
                raise
        return Segment.open(folder)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _parts(batches: Iterable[pa.RecordBatch]) -> Iterator[list[pa.RecordBatch]]:
    """Yield the batches of one part after another; a part is full when it has rows or bytes enough."""
    some: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in filter(len, batches):
        some.append(batch)
        rows += len(batch)
        size += batch["folded"].nbytes
        if rows >= ROWS_A_PART or size >= BYTES_A_PART:
            yield some
            some, rows, size = [], 0, 0
    if some:
        yield some


def _part(batches: list[pa.RecordBatch], names: dict[str, int]) -> Part:
    """Lay out the texts of some batches; fields get the numbers they have in `names`, new ones the next."""
    # delta-rs rewrites files with other kinds of Arrow text than ours.
    cut = [pc.split_pattern(batch["folded"].cast(pa.string()), " ") for batch in batches]
    lengths = np.concatenate([np.diff(np.asarray(each.offsets)) for each in cut])
    codes, words = _coded(pa.chunked_array([each.flatten() for each in cut], pa.string()))
    del cut
    listed = np.flatnonzero(codes).astype(np.uint32)
    counts = np.zeros(len(words) + 1, np.int64)
    keys = codes[listed]
    count_keys(keys, counts)
    ends = np.cumsum(counts)
    places = np.empty(len(listed), np.uint32)
    scatter(keys, listed, ends - counts, places)
    letters = words.cast(pa.binary())
    text_ends = np.cumsum(lengths).astype(np.uint32)
    strides = np.arange(0, len(codes), 1 << STRIDE_BITS, dtype=np.uint32)
    return Part(
        letters=np.frombuffer(b"".join(letters.to_pylist()), np.uint8),
        word_ends=np.cumsum(np.asarray(pc.binary_length(letters)), dtype=np.int64),
        places=places,
        place_ends=ends[1:],
        text_ends=text_ends,
        texts_by_stride=np.searchsorted(text_ends, strides, side="right").astype(np.uint32),
        people=np.concatenate([_people(each["person_id"]) for each in batches]),
        fields=np.concatenate([_numbers(each["field"].cast(pa.string()), names) for each in batches]),
        times=np.concatenate([np.asarray(pc.fill_null(each["time"].cast(pa.int64()), NO_TIME)) for each in batches]),
    )


def _coded(words: pa.ChunkedArray) -> tuple[NDArray[np.uint32], pa.Array]:
    """Return each word's number, from 1, in the order of all different words, which are returned too; 0 is no word."""
    encoded = pa.chunked_array(words.dictionary_encode()).unify_dictionaries()
    dictionary = encoded.chunk(0).dictionary
    order = np.asarray(pc.sort_indices(dictionary))
    sorted_words = dictionary.take(pa.array(order))
    # The empty word comes first of all, where there is any.
    blank = int(len(sorted_words) > 0 and sorted_words[0].as_py() == "")
    numbers = np.empty(len(order), np.uint32)
    numbers[order] = np.arange(1 - blank, len(order) + 1 - blank)
    codes = np.concatenate([numbers[np.asarray(each.indices)] for each in encoded.chunks])
    return codes, sorted_words[blank:]


def _people(ids: pa.Array) -> NDArray[np.uint32]:
    people: NDArray[np.uint32] = ids.to_numpy(zero_copy_only=False).astype(np.uint32)
    return people


def _numbers(texts: pa.Array, names: dict[str, int]) -> NDArray[np.int32]:
    """Return the number of each text, giving new ones the next."""
    encoded = texts.dictionary_encode()
    numbers = [names.setdefault(name, len(names)) for name in encoded.dictionary.to_pylist()]
    found: NDArray[np.int32] = np.array(numbers, np.int32)[np.asarray(encoded.indices)]
    return found
