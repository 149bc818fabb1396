"""What people do for a living, and for whom. Titles are generic, employers invented."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from houselights.services.demo.arrays import words
from houselights.services.demo.catalogue import table
from houselights.services.demo.draws import Draw, Floats, loads
from houselights.services.demo.people import People
from houselights.services.demo.tree import slug

# Followers of job titles and employers are counted in the thousands: people who say so in their profiles.
PROFILES = 2_400_000


@dataclass(frozen=True, slots=True)
class Work:
    """Occupations with their titles and employers. `odds` are cumulative, a row per occupation."""

    occupations: tuple[str, ...]
    titles: tuple[str, ...]
    employers: tuple[str, ...]
    draw: Draw
    title_of: npt.NDArray[np.int32]
    title_odds: npt.NDArray[np.float64]
    employer_of: npt.NDArray[np.int32]
    employer_odds: npt.NDArray[np.float64]

    @classmethod
    def fit(cls, reference: Floats) -> "Work":
        """Read the catalogue and set the occupations to their shares."""
        rows = table("work")
        shares = np.array([float(row["share"]) for row in rows.values()])
        titles = _distinct([title for row in rows.values() for title in row["titles"]])
        employers = _distinct([employer for row in rows.values() for employer in row["employers"]])
        title_of, title_odds = _options([[titles.index(name) for name in row["titles"]] for row in rows.values()])
        employer_of, employer_odds = _options(
            [[employers.index(name) for name in row["employers"]] for row in rows.values()]
        )
        return cls(
            occupations=tuple(rows),
            titles=tuple(titles),
            employers=tuple(employers),
            draw=Draw.fit(reference, shares / shares.sum(), [loads(row["draws"]) for row in rows.values()]),
            title_of=title_of,
            title_odds=title_odds,
            employer_of=employer_of,
            employer_odds=employer_odds,
        )

    def columns(self, random: np.random.Generator, people: People) -> dict[str, pa.Array]:
        """Return occupation, job title and employer; null for those who do not work or do not say."""
        count = len(people)
        lots = random.random((5, count), np.float32)
        busy = np.where(people.age < 66, np.where(people.student, 0.35, 0.81), 0.11)
        works = lots[0] < busy
        group = self.draw.choose(random, people.features)
        title = _among(self.title_of, self.title_odds, group, lots[1])
        employer = _among(self.employer_of, self.employer_odds, group, lots[2])
        return {
            "occupation": words(np.where(works, group, -1), [slug(name) for name in self.occupations]),
            "job_title": words(np.where(works & (lots[3] < 0.72), title, -1), self.titles),
            "employer": words(np.where(works & (lots[4] < 0.55), employer, -1), self.employers),
        }

    def tables(self) -> dict[str, pa.Table]:
        """Return the trait tables; titles and employers are their own keys, as clients know them."""
        share = np.exp(self.draw.base.astype(float))
        share /= share.sum()
        return {
            "occupations": pa.table({"key": [slug(name) for name in self.occupations], "name": self.occupations}),
            "job_titles": _named(self.titles, _expected(self.title_of, self.title_odds, share, len(self.titles))),
            "employers": _named(
                self.employers, _expected(self.employer_of, self.employer_odds, share, len(self.employers))
            ),
        }


def _distinct(names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _options(rows: list[list[int]]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float64]]:
    """Return options padded to one width, and cumulative odds that fall as 1/rank."""
    width = max(len(row) for row in rows)
    options = np.array([row + row[-1:] * (width - len(row)) for row in rows], np.int32)
    odds = np.array([[1 / (rank + 1.5) if rank < len(row) else 0.0 for rank in range(width)] for row in rows])
    return options, np.cumsum(odds / odds.sum(axis=1, keepdims=True), axis=1)


def _among(
    options: npt.NDArray[np.int32], odds: npt.NDArray[np.float64], group: npt.NDArray[np.int32], lot: Floats
) -> npt.NDArray[np.int32]:
    nth = (lot[:, None] >= odds[group]).sum(axis=1)
    return np.asarray(options[group, np.minimum(nth, options.shape[1] - 1)], np.int32)


def _expected(
    options: npt.NDArray[np.int32], odds: npt.NDArray[np.float64], share: npt.NDArray[np.float64], count: int
) -> list[int]:
    each = np.diff(odds, axis=1, prepend=0.0) * share[:, None]
    return [int(number) for number in np.bincount(options.ravel(), each.ravel(), count) * PROFILES]


def _named(names: Sequence[str], followers: list[int]) -> pa.Table:
    return pa.table({"key": names, "name": names, "followers_count": followers})
