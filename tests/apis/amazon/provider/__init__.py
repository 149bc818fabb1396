"""Tests of Data Provider."""
