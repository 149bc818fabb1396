"""`/audiences`: saved expressions, and external audiences fed by uploads."""
