"""Finds who wrote what: a full-text index of the lake's `texts`, derived from its files and lying beside the index."""

from houselights.engine.texts.texts import Texts, sweep_texts

__all__ = ["Texts", "sweep_texts"]
