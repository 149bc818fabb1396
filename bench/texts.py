"""`python -m bench.texts [--texts 5000000]`: who wrote a word or a phrase, rare or common, over millions of texts.

The texts are made up of words as often as words of a language are: a few in nearly every other text, most in hardly
any. They lie in a lake as an import writes them. Beside us, in the same run, DuckDB looks for the same folded phrases
with LIKE in the same rows, held in memory; people are asserted equal. The bar is 200 ms.
"""

import argparse
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bench.measure import Figure, beside, once, p50
from bench.report import show
from houselights.engine.people_set import PeopleSet
from houselights.engine.texts import Texts
from houselights.model.workspace import Generation
from houselights.storage.lake.lake import Lake
from houselights.storage.lake.tables import SHARD_BITS, TEXTS

WORDS_EACH, VOCABULARY = 12, 100_000
BAR_MILLISECONDS = 200.0
AS_OF = datetime(2026, 11, 1, tzinfo=UTC)
WEEK = (AS_OF - timedelta(days=7), AS_OF)
BATCH = 500_000
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def vocabulary() -> list[str]:
    """Return different words of two letters and more, the commonest first."""
    words = []
    for number in range(len(LETTERS), len(LETTERS) + VOCABULARY):
        word, rest = "", number
        while rest:
            rest, letter = divmod(rest, len(LETTERS))
            word += LETTERS[letter]
        words.append(word)
    return words


def batches(texts: int) -> Iterator[pa.RecordBatch]:
    """Yield rows of `texts`: two of a person, half of them bios and half posts of the last thirty days."""
    random = np.random.default_rng(1)
    words = pa.array(vocabulary())
    shares = 1 / np.arange(1, VOCABULARY + 1) ** 0.9
    up_to = np.cumsum(shares / shares.sum())
    for start in range(0, texts, BATCH):
        rows = min(BATCH, texts - start)
        chosen = np.minimum(np.searchsorted(up_to, random.random(rows * WORDS_EACH)), VOCABULARY - 1)
        offsets = np.arange(0, rows * WORDS_EACH + 1, WORDS_EACH, dtype=np.int32)
        text = pc.binary_join(pa.ListArray.from_arrays(pa.array(offsets), words.take(pa.array(chosen))), " ")
        place = np.arange(start, start + rows)
        is_post = place % 2 == 1
        ago = random.integers(0, 30 * 86_400_000_000, rows)
        time = pa.array(np.datetime64(AS_OF.replace(tzinfo=None), "us") - ago, pa.timestamp("us", "UTC"))
        columns = {
            "shard": pa.array((place // 2) >> SHARD_BITS, pa.int32()),
            "person_id": pa.array(place // 2),
            "field": pa.array(np.where(is_post, "post", "bio")),
            "time": pc.if_else(pa.array(is_post), time, pa.scalar(None, time.type)),
            "text": text,
            "folded": pc.binary_join_element_wise("", text, "", " "),
        }
        yield pa.RecordBatch.from_arrays([columns[name] for name in TEXTS.schema.names], schema=TEXTS.schema)


def by_peer(peer: duckdb.DuckDBPyConnection, phrases: list[str], field: str | None, *, week: bool) -> int:
    """Return how many people DuckDB finds."""
    where = ["(" + " OR ".join(f"folded LIKE '% {phrase} %'" for phrase in phrases) + ")"]
    where += [f"field = '{field}'"] if field else []
    where += [f"time BETWEEN '{WEEK[0].isoformat()}' AND '{WEEK[1].isoformat()}'"] if week else []
    found = peer.execute(f"SELECT count(DISTINCT person_id) FROM texts WHERE {' AND '.join(where)}").fetchone()
    assert found is not None
    return int(found[0])


def measure(texts: int, folder: Path) -> Iterator[Figure]:
    """Yield what building takes, and questions."""
    lake = Lake(str(folder / "lake"))
    version = lake.write(1, TEXTS.name, pa.RecordBatchReader.from_batches(TEXTS.schema, batches(texts)))
    generation = Generation(
        workspace_id=1, number=1, tables={TEXTS.name: version}, index="bench", as_of=AS_OF, built_at=AS_OF,
        people=texts // 2, fingerprint="",
    )  # fmt: skip
    people = -(-texts // 2)
    index = Texts(lake, generation, folder / "index")
    started = time.perf_counter()
    segments = len(index.segments())
    built = time.perf_counter() - started
    size = sum(each.stat().st_size for each in (folder / "index").rglob("*") if each.is_file())
    yield Figure(work=f"indexing {texts:,} texts", people=people, engine=f"{segments} segments", value=built, unit="s")
    yield Figure(work=f"indexing {texts:,} texts", people=people, engine="size", value=size / texts, unit="bytes/text")
    opening, _ = once(lambda: Texts(lake, generation, folder / "index").segments())
    yield Figure(work=f"indexing {texts:,} texts", people=people, engine="opening it again", value=opening)

    peer = duckdb.connect()
    peer.register("rows", lake.dataset(1, TEXTS.name, version))
    peer.execute("CREATE TABLE texts AS SELECT person_id, field, time, folded FROM rows")
    words = vocabulary()
    asked: list[tuple[str, list[str], str | None, bool]] = [
        ("a rare word", [words[20_000]], None, False),
        ("a word of one text in a thousand", [words[1_000]], None, False),
        ("a common word, in one text of twenty", [words[10]], None, False),
        ("the commonest word of all", [words[0]], None, False),
        ("two rare words", [f"{words[3_000]} {words[4_000]}"], None, False),
        ("a phrase of two common words", [f"{words[1]} {words[2]}"], None, False),
        ("a phrase of four common words", [f"{words[0]} {words[1]} {words[0]} {words[2]}"], None, False),
        ("a phrase of the two commonest words", [f"{words[0]} {words[1]}"], None, False),
        ("any of ten words", [words[each] for each in range(100, 1_100, 100)], None, False),
        ("a common word in posts of the last 7 days", [words[10]], "post", True),
        ("the commonest word in posts of the last 7 days", [words[0]], "post", True),
    ]
    for name, phrases, field, week in asked:
        fields = [field] if field else ["bio", "post"]
        folded = [f" {phrase} " for phrase in phrases]

        def ours(folded: list[str] = folded, fields: list[str] = fields, week: bool = week) -> int:
            return len(PeopleSet.from_ids(index.find(folded, fields, WEEK if week else None), people))

        def theirs(phrases: list[str] = phrases, field: str | None = field, week: bool = week) -> int:
            return by_peer(peer, phrases, field, week=week)

        taken, found = p50(ours)
        scan, told = p50(theirs)
        assert found == told, (name, found, told)
        work = f"who wrote {name}: {found:,} people"
        yield Figure(
            work=work, people=people, engine="houselights", value=taken, bar=f"≤ {BAR_MILLISECONDS:.0f} ms",
            met=taken <= BAR_MILLISECONDS,
        )  # fmt: skip
        yield Figure(work=work, people=people, engine="DuckDB, LIKE", value=scan, beside=beside(taken, scan))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.texts", description=__doc__)
    parser.add_argument("--texts", type=int, default=5_000_000)
    asked = parser.parse_args()
    with TemporaryDirectory() as name:
        show(list(measure(asked.texts, Path(name))))


if __name__ == "__main__":
    main()
