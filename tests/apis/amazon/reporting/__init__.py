"""Tests of reporting: SQL over the tables of a client, and audiences chosen by SQL."""
