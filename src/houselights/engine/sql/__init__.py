"""Evaluates value-level rules as SQL over the lake's tables, one sqlglot tree each; refuses what it cannot say."""
