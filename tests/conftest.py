"""Settings for every test."""

from hypothesis import settings

# A deadline per example fails on a busy machine and says nothing about the code.
settings.register_profile("houselights", deadline=None, print_blob=True)
settings.load_profile("houselights")
