"""Evaluates value-level rules over one person's document, slowly and obviously: the definition of correct."""
