"""The web app: pages for people, a customer of `/v1` like any other."""

from houselights.web.room import PATHS, web

__all__ = ["PATHS", "web"]
