"""Evaluates value-level rules as SQL over the lake: one sqlglot tree a rule. Refuses what it cannot say exactly."""
