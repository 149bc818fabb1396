"""Forgetting people: out of audiences before the reply, out of every file by a job that proves it."""
