"""Accounts: profiles and the DSP advertisers below them. Reads only."""
