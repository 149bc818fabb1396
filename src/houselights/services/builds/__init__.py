"""Audiences worked out once, off the request: `builds.py` is what rooms ask, `work.py` and `worker.py` what happens."""
