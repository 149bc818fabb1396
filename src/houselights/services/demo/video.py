"""What people watch: invented films and series with genres, actors, directors, and the days on which they were seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any

import numpy as np
import pyarrow as pa

from houselights.services.demo.arrays import instants, words
from houselights.services.demo.catalogue import table
from houselights.services.demo.draws import Draw, Floats, loads
from houselights.services.demo.people import People
from houselights.services.demo.social import DAY

# Most of what is seen is recent: ago is exponential with this mean, cut off after two years.
MEAN_DAYS_AGO = 70.0
# Shares of viewers from the most to the least watched title, in percent of people.
MOST_WATCHED, LEAST_WATCHED = 4.0, 0.07
# Genres that go with no other.
UNMIXED = frozenset({"Children", "Reality", "Sports"})


@dataclass(frozen=True, slots=True)
class Title:
    """A film or a series. The first genre is the one it was made for."""

    key: str
    name: str
    series: bool
    genres: tuple[str, ...]
    actors: tuple[str, ...]
    director: str
    released: date
    share: float
    loads: Floats


@dataclass(frozen=True, slots=True)
class Library:
    """All titles, fitted to a reference population."""

    titles: tuple[Title, ...]
    draw: Draw

    @classmethod
    def fit(cls, reference: Floats, today: date) -> "Library":
        """Make the titles (the same ones in every world, released before `today`) and set their shares."""
        titles = tuple(_titles(table("video"), today))
        return cls(titles, Draw.fit(reference, [title.share for title in titles], [title.loads for title in titles]))

    def views(self, random: np.random.Generator, people: People, now: datetime) -> pa.Table:
        """Return one row for each person, title and day on which it was watched."""
        who, what = self.draw.pick(random, people.features)
        series = np.array([title.series for title in self.titles])
        again = 1 + np.where(series[what], random.poisson(0.5, len(who)), 0)
        who, what = np.repeat(who, again), np.repeat(what, again)
        count = len(who)
        ago = np.minimum(random.exponential(MEAN_DAYS_AGO, count), 720.0)
        moment = int(now.timestamp() * 1e6) - (ago * DAY).astype(np.int64) - 60_000_000
        minutes = np.where(series[what], 24 + 30 * random.random(count), 82 + 55 * random.random(count))
        position = pa.array(what)
        names = [title.name for title in self.titles]
        return pa.table(
            {
                "person_id": people.ids[who],
                "occurred_at": instants(moment),
                "title_id": words(what, [title.key for title in self.titles]),
                "movie": words(np.where(series[what], -1, what), names),
                "series": words(np.where(series[what], what, -1), names),
                "genres": pa.array([title.genres for title in self.titles], pa.list_(pa.string())).take(position),
                "actors": pa.array([title.actors for title in self.titles], pa.list_(pa.string())).take(position),
                "director": words(what, [title.director for title in self.titles]),
                "minutes": pa.array(minutes.astype(np.int32)),
            }
        )

    def tables(self) -> dict[str, pa.Table]:
        """Return the titles, for whoever wants to know what was on."""
        return {
            "titles": pa.table(
                {
                    "key": [title.key for title in self.titles],
                    "name": [title.name for title in self.titles],
                    "kind": ["series" if title.series else "movie" for title in self.titles],
                    "genres": [list(title.genres) for title in self.titles],
                    "actors": [list(title.actors) for title in self.titles],
                    "director": [title.director for title in self.titles],
                    "released": [title.released for title in self.titles],
                }
            )
        }


def _titles(data: Mapping[str, Any], today: date) -> list[Title]:
    """Make titles from the word lists. The lots are the catalogue's own: every world shows the same programme."""
    random = np.random.default_rng(1905)
    people = [f"{first} {last}" for first, last in product(data["first_names"], data["last_names"])]
    cast = [people[i] for i in random.permutation(len(people))[:230]]
    directors, actors = cast[:60], cast[60:]
    found: list[Title] = []
    taken: set[str] = set()
    genres = list(data["genres"])
    for genre, row in data["genres"].items():
        names = _names(random, row["a"], row["b"], row["titles"], taken)
        # Each genre has its company of players; stars come first and play more.
        company = [actors[i] for i in random.permutation(len(actors))[:28]]
        for name in names:
            second = genres[int(random.integers(len(genres)))]
            alone = second == genre or UNMIXED & {genre, second} or random.random() < 0.4
            mixed = (genre,) if alone else (genre, second)
            drawn = loads(row["draws"] + " screen2")
            if len(mixed) == 2:
                drawn = drawn + np.float32(0.35) * loads(data["genres"][second]["draws"])
            nth = (len(company) * random.random(5) ** 1.8).astype(int)
            found.append(
                Title(
                    key=f"tt{len(found) + 7000:06d}",
                    name=name,
                    series=bool(random.random() * 100 < row["series"]),
                    genres=mixed,
                    actors=tuple(dict.fromkeys(company[i] for i in nth))[:2],
                    director=directors[int(len(directors) * random.random() ** 1.3)],
                    released=today - timedelta(days=int(30 + 4000 * random.random() ** 2)),
                    share=0.0,
                    loads=drawn,
                )
            )
    ranks = np.linspace(0, 1, len(found))[random.permutation(len(found))]
    shares = MOST_WATCHED * (LEAST_WATCHED / MOST_WATCHED) ** ranks / 100
    return [replace(title, share=float(share)) for title, share in zip(found, shares, strict=True)]


def _names(
    random: np.random.Generator, first: Sequence[str], second: Sequence[str], count: int, taken: set[str]
) -> list[str]:
    pairs = [(a, b) for a in first for b in second]
    chosen: list[str] = []
    for position in random.permutation(len(pairs)):
        a, b = pairs[int(position)]
        article = "The " if random.random() < 0.28 and a[0].isupper() and not b.startswith("the ") else ""
        name = f"{article}{a} {b}"
        if name not in taken:
            taken.add(name)
            chosen.append(name)
        if len(chosen) == count:
            break
    return chosen
