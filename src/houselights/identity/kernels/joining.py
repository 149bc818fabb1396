"""Kernels of a union-find over dense numbers, in which the smallest number of a set is its root."""

import numpy as np

from houselights.base.compiled import Array, Number, inlined
from houselights.identity.kernels import kernel


@inlined
def root_of(parents: Array, node: Number) -> Number:
    """Return the root of a node's set, and shorten the way there."""
    while parents[node] != node:
        parents[node] = parents[parents[node]]
        node = np.int64(parents[node])
    return node


@kernel("void(uint32[::1], Array(uint32, 1, 'C', readonly=True), Array(uint32, 1, 'C', readonly=True))")
def join(parents: Array, left: Array, right: Array) -> None:
    """Unite the sets of left[i] and right[i], for every i."""
    for edge in range(left.size):
        one, other = root_of(parents, np.int64(left[edge])), root_of(parents, np.int64(right[edge]))
        if one < other:
            parents[other] = np.uint32(one)
        elif other < one:
            parents[one] = np.uint32(other)


@kernel("void(uint32[::1])")
def flatten(parents: Array) -> None:
    """Make every node point at its root. A parent is never the larger number, so one pass does."""
    for node in range(parents.size):
        parents[node] = parents[parents[node]]
