"""What people write: bios where they have accounts, and recent posts, in their language, on their tastes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from houselights.services.demo.arrays import instants, joined, plain, words
from houselights.services.demo.catalogue import table
from houselights.services.demo.demographics import city_names
from houselights.services.demo.draws import COLUMN, TASTES, Ints
from houselights.services.demo.people import People
from houselights.services.demo.places import Places
from houselights.services.demo.social import DAY

BIO_FIELDS = {"twitter": 0.62, "youtube": 0.22, "instagram": 0.5, "twitch": 0.45}
# Posts per person on Twitter, over some weeks; a search looks back seven days.
POSTS_EACH = 1.1
MEAN_DAYS_AGO = 9.0
SEPARATORS = (" | ", " · ", ", ", ". ", " / ")

Users = Mapping[str, npt.NDArray[np.bool_]]


def texts(random: np.random.Generator, world: Places, people: People, users: Users, now: datetime) -> pa.Table:
    """Return bios (without a time) and posts (with one) of a shard; `users` says who is on which platform."""
    cities = city_names(world, people)
    parts = [_bios(random, world, people, cities, name, users[name], share) for name, share in BIO_FIELDS.items()]
    parts.append(_posts(random, world, people, cities, users["twitter"], now))
    return pa.concat_tables(parts)


class _Phrases:
    """Phrases by language and taste, laid out flat; a taste without words in a language falls back on English."""

    def __init__(self, data: Mapping[str, Mapping[str, Any]], languages: tuple[str, ...]):
        flat: list[str] = []
        self.begin = np.zeros((len(languages), len(TASTES)), np.int32)
        self.length = np.zeros((len(languages), len(TASTES)), np.int32)
        for row, language in enumerate(languages):
            for column, taste in enumerate(TASTES):
                phrases = data.get(language, {}).get(taste) or data["en"][taste]
                self.begin[row, column], self.length[row, column] = len(flat), len(phrases)
                flat += phrases
        self.flat = flat

    def draw(self, random: np.random.Generator, language: Ints, taste: Ints) -> pa.Array:
        """Draw one phrase for each row."""
        lot = random.random(len(taste))
        nth = self.begin[language, taste] + (lot * self.length[language, taste]).astype(np.int32)
        return plain(nth, self.flat)


def _languages(world: Places) -> tuple[tuple[str, ...], Ints]:
    known = tuple(dict.fromkeys(place.language for place in world.countries))
    return known, np.array([known.index(place.language) for place in world.countries], np.int32)


def _favourites(random: np.random.Generator, people: People, rows: Ints) -> tuple[Ints, Ints]:
    """Return the two tastes each person talks about: their strongest, with some chance."""
    tastes = people.features[rows][:, COLUMN[TASTES[0]] :] + 0.7 * random.standard_normal(
        (len(rows), len(TASTES)), np.float32
    )
    top = np.argpartition(-tastes, 1, axis=1)[:, :2].astype(np.int32)
    return top[:, 0], top[:, 1]


def _bios(
    random: np.random.Generator,
    world: Places,
    people: People,
    cities: pa.Array,
    platform: str,
    users: npt.NDArray[np.bool_],
    share: float,
) -> pa.Table:
    rows = np.flatnonzero(users & (random.random(len(people)) < share)).astype(np.int32)
    known, of_country = _languages(world)
    language = of_country[people.country[rows]]
    phrases = _Phrases(table("texts")["bios"], known)
    first, second = _favourites(random, people, rows)
    separator = plain(random.integers(0, len(SEPARATORS), len(rows)), SEPARATORS)
    body = joined(phrases.draw(random, language, first), separator, phrases.draw(random, language, second))
    tags = _Phrases({"en": table("texts")["tags"]}, ("en",)).draw(random, np.zeros_like(first), first)
    lot = random.random(len(rows))
    tail = pc.case_when(
        pc.make_struct(pa.array(lot < 0.3), pa.array(lot < 0.45)),
        joined(separator, cities.take(pa.array(rows))),
        joined(" ", tags),
        pa.scalar(""),
    )
    return _table(people, rows, f"bio_{platform}", pa.nulls(len(rows), pa.timestamp("us", "UTC")), joined(body, tail))


def _posts(
    random: np.random.Generator,
    world: Places,
    people: People,
    cities: pa.Array,
    users: npt.NDArray[np.bool_],
    now: datetime,
) -> pa.Table:
    each = np.where(users, random.poisson(POSTS_EACH, len(people)), 0)
    rows = np.repeat(np.arange(len(people), dtype=np.int32), each)
    known, of_country = _languages(world)
    language = of_country[people.country[rows]]
    first, second = _favourites(random, people, rows)
    taste = np.where(random.random(len(rows)) < 0.7, first, second)
    body = _Phrases(table("texts")["posts"], known).draw(random, language, taste)
    body = _with_city(body, cities.take(pa.array(rows)))
    tags = _Phrases({"en": table("texts")["tags"]}, ("en",)).draw(random, np.zeros_like(taste), taste)
    tail = pc.if_else(pa.array(random.random(len(rows)) < 0.55), joined(" ", tags), pa.scalar(""))
    ago = np.minimum(random.exponential(MEAN_DAYS_AGO, len(rows)), 60.0)
    moment = int(now.timestamp() * 1e6) - (ago * DAY).astype(np.int64) - 60_000_000
    return _table(people, rows, "post_twitter", instants(moment), joined(body, tail))


def _with_city(body: pa.Array, cities: pa.Array) -> pa.Array:
    """Put each writer's city where the phrase says {city}."""
    split = pc.split_pattern(body, "{city}", max_splits=1)
    has = pc.greater(pc.list_value_length(split), 1)
    before = pc.list_element(split, 0)
    # Rows without a place for the city lend their own text to the second half, which is then not used.
    flat = pc.list_flatten(split)
    offsets = split.offsets.to_numpy()
    after = flat.take(pa.array(offsets[1:] - 1))
    return pc.if_else(has, joined(before, cities, after), body)


def _table(people: People, rows: Ints, field: str, at: pa.Array, text: pa.Array) -> pa.Table:
    return pa.table(
        {
            "person_id": people.ids[rows],
            "field": words(np.zeros(len(rows), np.int32), [field]),
            "occurred_at": at,
            "text": text,
        }
    )
