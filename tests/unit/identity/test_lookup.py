"""The lookup finds what a dictionary would: in memory, on disk in any number of parts, and with rows laid over it."""

from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from houselights.identity.hashing import sha256_hex
from houselights.identity.kernels.keys import keys_of_texts
from houselights.identity.lookup import NOBODY, SEVERAL, Finder, Lookup, Overlaid, digest_keys, section, text_keys
from houselights.identity.lookup_files import MAKING, about_lookup, build_lookup, keyed, open_lookup

Rows = list[tuple[str, str, int]]
NAMESPACES = ("email", "phone", "external:crm")


def stored(namespace: str, number: int) -> str:
    """Return a value as the lake has it: hashes for what is hashed, odd tokens for the rest."""
    tokens = ["", " ", "é", "0" * 63 + "1", "0" * 63 + "2", "A" * 70]
    if namespace.startswith("external:"):
        return tokens[number] if number < len(tokens) else f"token {number}"
    return sha256_hex(f"{namespace}{number}") if number else f"{number:064x}"


rows = st.lists(
    st.tuples(st.sampled_from(NAMESPACES), st.integers(0, 9), st.integers(0, 2**32 - 2)).map(
        lambda each: (each[0], stored(each[0], each[1]), each[2])
    ),
    max_size=60,
)


def batches(given_rows: Rows, size: int = 7) -> list[pa.RecordBatch]:
    table = pa.table(
        {
            "person_id": pa.array([person for _, _, person in given_rows], pa.int64()),
            "namespace": pa.array([namespace for namespace, _, _ in given_rows], pa.string()),
            "value": pa.array([value for _, value, _ in given_rows], pa.string()),
        }
    )
    return table.to_batches(max_chunksize=size)


def in_memory(given_rows: Rows) -> Lookup:
    parts: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {}
    for batch in batches(given_rows):
        for name, keys, people in keyed(batch):
            parts.setdefault(name, []).append((keys, people))
    return Lookup(
        {
            name: section(np.concatenate([k for k, _ in each]), np.concatenate([p for _, p in each]))
            for name, each in parts.items()
        }
    )


def agrees(finder: Finder, given_rows: Rows) -> None:
    """Hold a lookup to the obvious answer, for every value there is and some there are not."""
    for namespace in (*NAMESPACES, "maid"):
        values = [stored(namespace, number) for number in range(12)]
        owners = [tuple(sorted({p for n, v, p in given_rows if (n, v) == (namespace, value)})) for value in values]
        keys = text_keys(namespace, values)
        assert finder.owners(namespace, keys) == owners
        one = [each[0] if len(each) == 1 else SEVERAL if each else NOBODY for each in owners]
        assert finder.find(namespace, keys).tolist() == one


@given(rows)
def test_in_memory(given_rows: Rows) -> None:
    agrees(in_memory(given_rows), given_rows)


@settings(max_examples=40)
@given(rows, st.sampled_from([1, 4, 1000]))
def test_on_disk(given_rows: Rows, part_rows: int) -> None:
    with TemporaryDirectory() as folder:
        place = Path(folder) / "lookup"
        built = build_lookup(place, batches(given_rows), len(given_rows), {"version": 3}, part_rows=part_rows)
        agrees(built, given_rows)
        agrees(open_lookup(place), given_rows)
        assert about_lookup(place) == {"version": 3}
        assert not list(Path(folder).glob(f"*{MAKING}"))
        assert not list(place.glob("part-*"))


@given(rows, rows)
def test_one_laid_over_another(before: Rows, added: Rows) -> None:
    agrees(Overlaid(in_memory(before), in_memory(added)), before + added)


def test_how_many_rows_were_announced_does_not_matter(tmp_path: Path) -> None:
    many = [("email", stored("email", number), number) for number in range(10)]
    for announced in (0, 10_000_000):
        agrees(build_lookup(tmp_path / str(announced), batches(many), announced, {}, part_rows=1 << 18), many)


def test_an_identity_of_very_many_people() -> None:
    shared = [("email", stored("email", 1), person) for person in range(5000, 0, -1)]
    found = in_memory([*shared, ("email", stored("email", 2), 7)])
    keys = text_keys("email", [stored("email", 1), stored("email", 2)])
    assert found.find("email", keys).tolist() == [SEVERAL, 7]
    assert found.owners("email", keys)[0] == tuple(range(1, 5001))


def test_many_keys() -> None:
    many = [("phone", sha256_hex(str(number)), number) for number in range(20_000)]
    found = in_memory(many)
    keys = text_keys("phone", [sha256_hex(str(number)) for number in range(30_000)])
    assert found.find("phone", keys).tolist() == [*range(20_000), *[NOBODY] * 10_000]


def test_a_hash_has_one_key_however_it_comes() -> None:
    value = sha256_hex("ada@example.com")
    digests = np.frombuffer(bytes.fromhex(value), np.uint8).reshape(1, 32)
    assert (digest_keys(digests) == text_keys("email", [value])).all()
    assert (text_keys("email", [value.upper()]) == text_keys("email", [value])).all()
    assert (text_keys("external:crm", [value]) != text_keys("email", [value])).all()


@pytest.mark.parametrize(
    ("length", "expected"),
    [(0, "a3817f04ba25a8e66df67214c7550293"), (1, "da87c1d86b99af44347659119b22fc45")],
)
def test_keys_are_siphash(length: int, expected: str) -> None:
    """The first of the vectors published with SipHash: the bytes 0, 1, … under the key 0, 1, … 15."""
    keys = np.empty((1, 2), np.uint64)
    keys_of_texts(np.arange(length, dtype=np.uint8), np.array([0, length]), False, keys)
    assert keys.tobytes().hex() == expected


def test_what_is_no_lookup_is_refused(tmp_path: Path) -> None:
    some = [("email", stored("email", number), number) for number in range(5)]
    place = tmp_path / "lookup"
    build_lookup(place, batches(some), 5, {})
    with pytest.raises(ValueError, match="is no lookup"):
        open_lookup(tmp_path / "elsewhere")
    (place / "0.entries").write_bytes((place / "0.entries").read_bytes()[:-1])
    with pytest.raises(ValueError, match="not whole"):
        open_lookup(place)
    (place / "contents.json").write_text('{"format": 99}')
    with pytest.raises(ValueError, match="another format"):
        open_lookup(place)


def test_a_build_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> object:
        yield from batches([("email", stored("email", 1), 1)])
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="disk is full"):
        build_lookup(tmp_path / "lookup", broken(), 1, {})  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_two_who_build_the_same_both_get_it(tmp_path: Path) -> None:
    some = [("email", stored("email", number), number) for number in range(1, 9)]
    found: list[Lookup] = []
    threads = [
        Thread(target=lambda: found.append(build_lookup(tmp_path / "lookup", batches(some, 1), 8, {})))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    for each in found:
        agrees(each, some)
    assert [each.name for each in tmp_path.iterdir()] == ["lookup"]
