"""The index of texts finds whom the plain evaluator finds, is built file by file, and forgets what was erased."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.indexes import nothing
from tests.stage import PLACES, WORKSPACE, Stage, generation, write
from tests.strategies import AS_OF, FIELDS
from tests.world import AS_OF as STAGE_AS_OF

from houselights.base.text import fold
from houselights.engine.plain import Person, Text, members
from houselights.engine.texts import Texts, build, has_texts_of, sweep_texts
from houselights.engine.texts.build import COLUMNS, build_segment
from houselights.engine.texts.part import Window
from houselights.engine.texts.segment import Segment
from houselights.rules.tree import Mentions
from houselights.storage.lake.tables import TEXTS

WORDS = (
    "tea", "Tea", "CAFÉ", "cafe", "#golang", "golang", "go", "lang", "plant-based", "plant", "based", "AND", "or",
    "NEAR(", "not", '"', "'", "*", "^", "東京", "東京都", "हिन्दी", "ß", "ss", "ﬁne", "x_y", "№5", "🎉", "İstanbul",
    "e\u0301", "1", "\0", "Ａ", "text:", "w" * 1500, "w" * 1501,
)  # fmt: skip
HOURS = (None, -1, 0, 1, 24, 25, 9 * 24)

texts = st.builds(
    lambda field, hours, words, joint: Text(
        field, None if hours is None else AS_OF - timedelta(hours=hours), joint.join(words)
    ),
    st.sampled_from(FIELDS), st.sampled_from(HOURS),
    st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=4)), max_size=6),
    st.sampled_from((" ", ", ", "\n", "")),
)  # fmt: skip
phrases = st.one_of(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join), st.text(max_size=5)
)  # fmt: skip


def rows_of(people: Sequence[Person]) -> pa.RecordBatch:
    rows = [
        {
            "shard": 0,
            "person_id": person.id,
            "field": each.field,
            "time": each.time,
            "text": None,
            "folded": fold(each.text),
        }
        for person in people
        for each in person.texts
    ]
    return pa.RecordBatch.from_pylist(rows, TEXTS.schema).select(list(COLUMNS))


def asked(found: Segment, rule: Mentions) -> set[int]:
    def micros(at: datetime) -> int:
        return pa.scalar(at, pa.timestamp("us", tz="UTC")).value

    days = rule.within_days
    window = None if days is None else Window(micros(AS_OF - timedelta(days=days)), micros(AS_OF))
    spoken = [folded for phrase in rule.phrases if (folded := fold(phrase)) != " "]
    return set(found.find(spoken, rule.fields, window).tolist())


@settings(max_examples=250, deadline=None)
@given(
    written=st.lists(st.lists(texts, max_size=3), max_size=6),
    fields=st.lists(st.sampled_from((*FIELDS, "unknown")), max_size=2),
    sought=st.lists(phrases, min_size=1, max_size=3),
    days=st.sampled_from((None, 0, 1, 9)),
    batch=st.integers(1, 4),
)
def test_a_segment_finds_whom_the_plain_evaluator_finds(
    written: list[list[Text]], fields: list[str], sought: list[str], days: int | None, batch: int
) -> None:
    people = [Person(id=number * 7, key=str(number), texts=tuple(those)) for number, those in enumerate(written)]
    rows = rows_of(people)
    with TemporaryDirectory() as folder:
        batches = [rows.slice(start, batch) for start in range(0, len(rows), batch)]
        found = build_segment(Path(folder) / "segment", batches)
        # What was asked for, and phrases that do stand in what was written.
        standing = [text.text[:8] for person in people for text in person.texts][:3]
        for phrase in (tuple(sought), *((each,) for each in standing)):
            rule = Mentions(tuple(fields), phrase, days)
            assert asked(found, rule) == members(rule, people, resolve=nothing, as_of=AS_OF)


@pytest.mark.parametrize("limit", ["ROWS_A_PART", "BYTES_A_PART"])
def test_a_segment_of_several_parts_is_asked_in_all_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(build, limit, 3)
    people = [
        Person(id=number, key="", texts=(Text("bio", None, "green tea" if number % 2 else "milk"),))
        for number in range(10)
    ]
    rows = rows_of(people)
    found = build_segment(tmp_path / "segment", [rows.slice(at, 2) for at in range(0, 10, 2)])
    assert len(found.parts) > 1
    assert found.people.tolist() == list(range(10))
    assert asked(found, Mentions(("bio",), ("green tea",))) == {1, 3, 5, 7, 9}
    assert asked(found, Mentions(("bio",), ("tea milk",))) == set()


def test_texts_without_a_word_and_files_without_a_text_are_indexed(tmp_path: Path) -> None:
    silent = rows_of([Person(id=1, key="", texts=(Text("bio", None, "!?"), Text("bio", None, "")))])
    for name, batches in (("silent", [silent]), ("none", []), ("empty", [silent.slice(2)])):
        found = build_segment(tmp_path / name, batches)
        assert asked(found, Mentions(("bio",), ("tea",))) == set()


def test_a_hashtag_is_its_word_and_no_part_of_one(tmp_path: Path) -> None:
    said = ("I write #golang", "golang, mostly", "go lang", "#GoLang!", "#golangnuts")
    people = [Person(id=number, key="", texts=(Text("post", None, each),)) for number, each in enumerate(said)]
    found = build_segment(tmp_path / "segment", [rows_of(people)])
    assert (
        asked(found, Mentions(("post",), ("#golang",))) == asked(found, Mentions(("post",), ("golang",))) == {0, 1, 3}
    )


def test_a_few_new_files_are_a_few_new_segments(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    before = stage.snapshots.current(WORKSPACE)
    rule = Mentions(("post",), ("harbour seals",))
    assert before.count(rule, nothing) == 0
    folder = tmp_path / "index"
    made = {each.name: each.stat().st_mtime_ns for each in folder.glob("texts-*")}
    assert made
    place = PLACES[3]
    new = {"shard": place >> 20, "person_id": place, "field": "post", "time": STAGE_AS_OF, "text": "Harbour seals!",
           "folded": fold("Harbour seals!")}  # fmt: skip
    tables = dict(stage.tables, texts=write(stage.lake, "texts", [new], mode="append"))
    after = before.after(generation(2, tables))
    assert after.evaluate(rule, nothing).ids().tolist() == [place]
    now = {each.name: each.stat().st_mtime_ns for each in folder.glob("texts-*")}
    assert len(now) == len(made) + 1
    assert made.items() <= now.items()
    assert before.count(rule, nothing) == 0


def test_what_no_version_has_is_swept_with_every_word_of_it(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    folder = tmp_path / "index"
    first = generation(1, stage.tables)
    Texts(stage.lake, first, folder).segments()
    (tmp_path / "index" / "texts-77-other").mkdir()

    def holds(word: bytes) -> bool:
        return any(word in path.read_bytes() for path in folder.rglob("letters.npy"))

    assert holds(b"marathon")
    assert has_texts_of([PLACES[2]], folder, WORKSPACE)
    version = stage.lake.remove(WORKSPACE, "texts", pc.field("person_id") == PLACES[2], upon=stage.tables["texts"])[0]
    sweep_texts(stage.lake, folder, WORKSPACE, [stage.tables["texts"], version])
    assert holds(b"marathon")
    sweep_texts(stage.lake, folder, WORKSPACE, [version])
    assert not holds(b"marathon")
    assert not has_texts_of([PLACES[2]], folder, WORKSPACE)
    assert (folder / "texts-77-other").exists()
    after = Texts(stage.lake, generation(2, dict(stage.tables, texts=version)), folder)
    assert not after.find([" marathon "], ("bio",), None).size
    assert not holds(b"marathon")
    assert after.find([" coffee "], ("post",), None).size


def test_a_segment_of_another_format_is_built_anew(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    folder = tmp_path / "index"
    Texts(stage.lake, generation(1, stage.tables), folder).segments()
    for path in folder.glob("texts-*/about.json"):
        path.write_text('{"format": 0}')
    assert Texts(stage.lake, generation(1, stage.tables), folder).find([" coffee "], ("post",), None).size == 3
