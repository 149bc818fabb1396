"""Audience overlap: the audiences nearest to one audience. Reads only."""
