"""Use-cases in our own words. A transaction opens and closes here; no room talks to storage or engine past it."""
