"""The index: derived from the lake, memory-mapped, immutable. It can be thrown away and built again at any time."""

from houselights.engine.index.build import Delta, build_index, patch_index
from houselights.engine.index.index import Index

__all__ = ["Delta", "Index", "build_index", "patch_index"]
