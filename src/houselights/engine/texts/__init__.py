"""Finds who wrote what: a full-text index of the lake's `texts`, derived from its files and lying beside the index."""

from houselights.engine.texts.texts import Texts, has_texts_of, sweep_texts

__all__ = ["Texts", "has_texts_of", "sweep_texts"]
