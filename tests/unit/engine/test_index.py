"""The index on disk: portable roaring bytes, patches equal to rebuilds, no half index, no trace of who is gone."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyroaring import BitMap
from tests.indexes import SHARD, index_of
from tests.strategies import AS_OF

from houselights.base.errors import Unavailable
from houselights.engine.index import Delta, Index, build_index, patch_index
from houselights.engine.kernels.roaring import unpack
from houselights.model.catalogue import Catalogue, Facet, Trait

CAPACITY = 3 * SHARD
Pairs = tuple[Any, Any]


def catalogue(size: int) -> Catalogue:
    traits = [Trait(id=i, facet="f", key=str(i), name=f"Trait {i}", path=(f"Trait {i}",)) for i in range(size)]
    return Catalogue([Facet(key="f", name="F", multi=True)], traits)


def random_state(seed: int, people: int, pairs: int, traits: int) -> tuple[Any, Pairs]:
    """People at random places and in one solid stretch; some pairs twice, some of people who do not exist."""
    random = np.random.default_rng(seed)
    stretch = np.arange(70_000, 70_000 + people)
    everyone = np.unique(np.concatenate([random.integers(0, CAPACITY, people), stretch]))
    holders = np.concatenate([random.choice(everyone, pairs), stretch, random.integers(0, CAPACITY, 10)])
    carried = (random.pareto(0.5, pairs) * 3).astype(np.int64) % traits
    return everyone, (holders, np.concatenate([carried, np.full(people, traits - 1), random.integers(0, traits, 10)]))


def naive_carriers(everyone: Any, pairs: Pairs) -> dict[int, set[int]]:
    exists = set(everyone.tolist())
    found: dict[int, set[int]] = {}
    for person, trait in zip(pairs[0].tolist(), pairs[1].tolist(), strict=True):
        if person in exists:
            found.setdefault(trait, set()).add(person)
    return found


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Index, dict[int, set[int]], Any]:
    everyone, pairs = random_state(1, 9_000, 60_000, 70_000)  # more traits than one row group holds
    index = index_of(
        tmp_path_factory.mktemp("index") / "i", catalogue(70_000), everyone, pairs, capacity=CAPACITY,
        measures={"m": (everyone, everyone / 1024)},
    )  # fmt: skip
    return index, naive_carriers(everyone, pairs), everyone


def test_bitmaps_are_the_bytes_that_croaring_writes(built: tuple[Index, dict[int, set[int]], Any]) -> None:
    index, carriers, everyone = built
    seen: dict[int, set[int]] = {}
    for shard in index.shards:
        ends = [*shard.directory["start"][1:].tolist(), shard.bitmaps.size]
        for (trait, people, start, _), end in zip(shard.directory.tolist(), ends, strict=True):
            raw = shard.bitmaps[start:end].tobytes()
            bitmap = BitMap.deserialize(raw)
            assert len(bitmap) == people
            seen.setdefault(trait, set()).update(bitmap)
            anew = BitMap(bitmap)
            anew.run_optimize()
            assert anew.serialize() == raw
        assert (
            list(BitMap.deserialize(shard.everyone.tobytes())) == everyone[everyone // SHARD == shard.number].tolist()
        )
    assert seen == carriers


def test_traits_between_arrays_and_bits_are_kept_as_words_too(tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    base = SHARD - 100_000
    shares = (0.01, 0.05, 0.2)
    people = [np.flatnonzero(random.random(200_000) < share) + base for share in shares]
    pairs = np.concatenate(people), np.repeat(np.arange(3), [each.size for each in people])
    index = index_of(tmp_path / "i", catalogue(3), np.arange(200_000) + base, pairs, capacity=2 * SHARD)
    assert (index.dense != 0).tolist() == [[False, False, False], [False, True, False]]
    second = index.shards[1]
    words = second.dense[second.directory["dense"][1] - 1]
    found = np.flatnonzero(np.unpackbits(words.view(np.uint8), bitorder="little")) + SHARD
    assert found.tolist() == people[1][people[1] >= SHARD].tolist()


def test_both_ways_say_the_same(built: tuple[Index, dict[int, set[int]], Any]) -> None:
    index, carriers, everyone = built
    assert index.everyone.ids().tolist() == everyone.tolist()
    assert index.pairs == sum(map(len, carriers.values()))
    held: dict[int, list[int]] = {}
    for trait in sorted(carriers):
        assert index.trait_counts[trait] == len(carriers[trait])
        for person in carriers[trait]:
            held.setdefault(person, []).append(trait)
    for trait in (*range(20), 69_999):
        assert set(index.trait_people(trait).ids().tolist()) == carriers.get(trait, set())
    for person in everyone[::50].tolist():
        assert index.traits_of(person) == held.get(person, [])
    assert len(index.trait_people(70_000)) == len(index.trait_people(-1)) == 0
    assert index.traits_of(CAPACITY + 5) == []


def test_measures_are_summed_over_the_carriers_of_each_trait(built: tuple[Index, dict[int, set[int]], Any]) -> None:
    index, carriers, everyone = built
    assert np.array_equal(index.measures["m"][everyone], (everyone / 1024).astype(np.float32))
    for trait in (0, 1, 5, 69_999):
        wanted = sum(float(np.float32(person / 1024)) for person in sorted(carriers.get(trait, ())))
        assert index.measure_sums("m")[trait] == pytest.approx(wanted, rel=1e-12)
    with pytest.raises(KeyError):
        index.measure_sums("no such measure")


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    stretches=st.lists(st.tuples(st.integers(0, SHARD - 1), st.integers(1, 9000), st.integers(1, 3)), max_size=12),
    optimize=st.booleans(),
    shard=st.integers(0, 2),
)
def test_kernels_read_whatever_croaring_writes(
    stretches: list[tuple[int, int, int]], optimize: bool, shard: int
) -> None:
    base = shard * SHARD
    bitmap = BitMap()
    for start, length, step in stretches:
        bitmap |= BitMap(range(base + start, min(base + start + length * step, base + SHARD), step))
    if optimize:
        bitmap.run_optimize()
    raw = np.frombuffer(b"\0" + bitmap.serialize(), np.uint8)[1:]  # at an odd address, as the format allows
    words = np.zeros(SHARD // 64, np.uint64)
    if bitmap:
        unpack(raw.ctypes.data, base >> 16, words)
    assert np.array_equal(np.flatnonzero(np.unpackbits(words.view(np.uint8), bitorder="little")) + base, list(bitmap))


def files(folder: Path) -> Mapping[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10_000), shards=st.sets(st.integers(0, 2), max_size=2), steps=st.integers(1, 2))
def test_patches_make_the_files_that_a_rebuild_makes(seed: int, shards: set[int], steps: int) -> None:
    random = np.random.default_rng(seed)
    everyone, (holders, carried) = random_state(seed, 200, 800, 50)
    known = np.isin(holders, everyone)
    pairs = {(int(p), int(t)) for p, t in zip(holders[known], carried[known], strict=True)}
    people = set(everyone.tolist())
    reach = {person: 1.0 + person % 7 for person in people}
    with TemporaryDirectory() as name:
        folder = Path(name)
        patched = state_index(folder / "0", people, pairs, reach, 50)
        for step in range(1, steps + 1):
            delta = random_delta(random, people, pairs, shards)
            apply(delta, people, pairs, reach)
            patch_index(
                patched, folder / f"p{step}", delta, capacity=CAPACITY, catalogue=catalogue(50 + step), as_of=AS_OF,
                built_at=AS_OF, generation=1,
            )  # fmt: skip
            patched = Index.open(folder / f"p{step}")
            rebuilt = state_index(folder / f"r{step}", people, pairs, reach, 50 + step)
            assert files(patched.folder) == files(rebuilt.folder)
            for number in {0, 1, 2} - shards:
                place = patched.folder / f"shard-{number:05}" / "traits.roaring"
                assert not place.exists() or place.stat().st_nlink > 1


def state_index(
    folder: Path, people: set[int], pairs: set[tuple[int, int]], reach: dict[int, float], size: int
) -> Index:
    table = np.array(sorted(pairs), np.int64).reshape(-1, 2)
    values = np.array(list(reach)), np.array(list(reach.values()))
    return index_of(
        folder, catalogue(size), sorted(people), (table[:, 0], table[:, 1]), capacity=CAPACITY,
        measures={"reach": values},
    )  # fmt: skip


def random_delta(random: Any, people: set[int], pairs: set[tuple[int, int]], shards: set[int]) -> Delta:
    here = sorted(person for person in people if person // SHARD in shards)
    held = sorted(pair for pair in pairs if pair[0] // SHARD in shards)
    gone = here if random.random() < 0.1 else [person for person in here if random.random() < 0.1]
    new = [shard * SHARD + int(random.integers(SHARD)) for shard in sorted(shards) for _ in range(5)]
    added = [(person, int(random.integers(50))) for person in [*new, *new, *here[::3]]]
    removed = [pair for pair in held if random.random() < 0.2] + [(person, 3) for person in here[:2]]

    def pairs_of(given: list[tuple[int, int]]) -> Pairs:
        table = np.array(given, np.uint32).reshape(-1, 2)
        return table[:, 0], table[:, 1]

    measured = np.array([*new, *here[::5]], np.uint32)
    return Delta(
        added_people=np.array(new, np.uint32),
        removed_people=np.array(gone, np.uint32),
        added=pairs_of(added),
        removed=pairs_of(removed),
        measures={"reach": (measured, np.full(measured.size, 2.5))},
    )


def apply(delta: Delta, people: set[int], pairs: set[tuple[int, int]], reach: dict[int, float]) -> None:
    """What a delta means, said on plain sets."""
    gone = set(delta.removed_people.tolist())
    pairs -= {(int(p), int(t)) for p, t in zip(*delta.removed, strict=True)}
    pairs -= {pair for pair in pairs if pair[0] in gone}
    people -= gone
    people |= set(delta.added_people.tolist())
    for person in gone:
        reach.pop(person, None)
    pairs |= {(int(p), int(t)) for p, t in zip(*delta.added, strict=True) if int(p) in people}
    reach.update({int(p): float(v) for p, v in zip(*delta.measures["reach"], strict=True) if int(p) in people})


def build_broken(folder: Path, **changes: Any) -> None:
    given = {
        "capacity": 10, "everyone": np.arange(10), "catalogue": catalogue(2), "measures": {}, "as_of": AS_OF,
        "built_at": AS_OF, "generation": 1, "pairs": lambda _: (np.arange(10), np.zeros(10, np.int64)),
    } | changes  # fmt: skip
    build_index(folder, **given)


def test_a_build_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def fail(_: int) -> Pairs:
        raise RuntimeError("the lake is gone")

    with pytest.raises(RuntimeError, match="the lake is gone"):
        build_broken(tmp_path / "i", pairs=fail)
    assert list(tmp_path.iterdir()) == []


def test_ids_out_of_range_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="person ids"):
        build_broken(tmp_path / "i", capacity=9)
    with pytest.raises(ValueError, match="person ids"):
        build_broken(tmp_path / "i", everyone=np.array([-1]))
    with pytest.raises(ValueError, match="trait ids"):
        build_broken(tmp_path / "i", pairs=lambda _: (np.arange(10), np.full(10, 2)))


def test_an_index_is_never_built_over_another(tmp_path: Path) -> None:
    build_broken(tmp_path / "i")
    with pytest.raises(FileExistsError):
        build_broken(tmp_path / "i")


def test_an_index_of_nobody_can_be_opened(tmp_path: Path) -> None:
    build_broken(tmp_path / "i", everyone=np.empty(0, np.int64), capacity=0)
    index = Index.open(tmp_path / "i")
    assert (index.people, index.pairs, index.trait_counts.tolist()) == (0, 0, [0, 0])


FILES = (
    "meta.json", "catalogue.json", "shard-00000/shard.json", "shard-00000/everyone.roaring",
    "shard-00000/traits.roaring", "shard-00000/traits.npy", "shard-00000/rows-0.npy", "shard-00000/offsets-0.npy",
    "shard-00000/measure-0.npy", "shard-00000/sums-0.npy",
)  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_missing_or_cut_makes_an_index_unavailable(tmp_path: Path, name: str) -> None:
    """Kernels read at addresses: what is not there must be noticed before they do."""
    build_broken(tmp_path / "i", measures={"m": lambda _: (np.arange(10), np.ones(10))})
    assert Index.open(tmp_path / "i").people == 10
    path = tmp_path / "i" / name
    path.write_bytes(path.read_bytes().rstrip()[:-1])
    with pytest.raises(Unavailable, match="cannot be opened"):
        Index.open(tmp_path / "i")
    path.unlink()
    with pytest.raises(Unavailable, match="cannot be opened"):
        Index.open(tmp_path / "i")


def test_an_index_that_is_not_there_or_of_another_form_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        Index.open(tmp_path / "nothing")
    build_broken(tmp_path / "i")
    (tmp_path / "i" / "meta.json").write_text('{"format": 0}')
    with pytest.raises(Unavailable, match="build it again"):
        Index.open(tmp_path / "i")
