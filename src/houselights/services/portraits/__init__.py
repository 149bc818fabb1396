"""Portraits: what the people of a built audience are like beside several baselines, and the clusters they fall into."""
