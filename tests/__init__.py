"""Tests of Houselights. A package, so that tests can share `tests.world` and `tests.strategies`."""
