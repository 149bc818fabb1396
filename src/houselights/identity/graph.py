"""Which of many nodes hang together: connected components of links between them, told a batch at a time.

Nodes are dense numbers; memory is four bytes each, however many links there are. A component has the name of its
smallest node, so the same links give the same names, in whatever order they come.
"""

import numpy as np
from numpy.typing import NDArray

from houselights.identity.kernels.joining import flatten, join

Nodes = NDArray[np.uint32]


class Components:
    """The components of `nodes` nodes, each alone until it is linked."""

    def __init__(self, nodes: int):
        self._parents: Nodes = np.arange(nodes, dtype=np.uint32)

    def link(self, left: Nodes, right: Nodes) -> None:
        """Say that left[i] and right[i] are one.

        Raises IndexError for a node that is not there, ValueError for ends of different number.
        """
        if len(left) != len(right):
            raise ValueError("a link has two ends")
        if len(left) and max(int(left.max()), int(right.max())) >= len(self._parents):
            raise IndexError("a link to a node that is not there")
        join(self._parents, np.ascontiguousarray(left, np.uint32), np.ascontiguousarray(right, np.uint32))

    def roots(self) -> Nodes:
        """Return for each node the smallest one of its component."""
        flatten(self._parents)
        return self._parents.copy()
