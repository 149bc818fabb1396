"""Workflow executions: a query asked over a window of time, its state, its files."""
