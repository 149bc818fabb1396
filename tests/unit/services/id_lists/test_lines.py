"""Files of ids, line by line, however they are cut into pieces."""

import gzip
from dataclasses import asdict
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from houselights.base.errors import InvalidInput, TooLarge
from houselights.identity.hashing import sha256_hex
from houselights.services.id_lists.kinds import KINDS
from houselights.services.id_lists.lines import FAULTS_TOLD, Lines, Tally

GOOD = {
    "ss_id": ["20000000031", "a-B_c.d:e"], "twitter_id": ["1", "12345678901234567890"],
    "twitter_user": ["@Ada", "ada_1"], "md5": ["A" * 32, "0123456789abcdef0123456789abcdef"],
    "email_raw": ["Ada@Example.com", "a+b@example.org"],
    "ramp_id": ["XY1005wXyWPB1SgpMUKIpzA0I3UaLEz-2lg0wFAr1PWK7FMhs", "Xi1"], "cint_id": ["0b1c-aa", "x"],
    "ma_id": ["6D1B6F3E-0000-4000-8000-00000000BEEF", "m"],
}  # fmt: skip
BAD = {
    "ss_id": ["a b", "a,b", "x" * 129, "a;b"], "twitter_id": ["ada", "1" * 21, "-1", "1.5", "²"],
    "twitter_user": ["a b", "@", "é", "@@a", "a" * 51], "md5": ["A" * 31, "g" * 32, "d41d8cd98f00b204e9800998ecf8427e"],
    "email_raw": ["nobody", "a@b@c", "a b@example.com", "@"], "ramp_id": ["a b"], "cint_id": ["a\tb"], "ma_id": ["a'b"],
}  # fmt: skip


def read(
    kind: str, content: bytes, *cuts: int, lines_most: int = 1000, bytes_most: int = 1 << 24
) -> tuple[Tally, bytes]:
    kept = bytearray()
    lines = Lines(KINDS[kind], kept.extend, lines_most=lines_most, bytes_most=bytes_most)
    edges = [0, *sorted(min(cut, len(content)) for cut in cuts), len(content)]
    for start, end in pairwise(edges):
        lines.feed(content[start:end])
    return lines.finish(), bytes(kept)


@pytest.mark.parametrize("kind", KINDS)
def test_good_ids_are_kept_and_bad_ones_told_by_their_lines(kind: str) -> None:
    content = "\n".join([*GOOD[kind], *BAD[kind], GOOD[kind][0]])
    tally, kept = read(kind, content.encode())
    assert (tally.ids, tally.bad) == (3, len(BAD[kind]))
    assert [number for number, _ in tally.faults] == [3 + place for place in range(len(BAD[kind]))]
    assert {why for _, why in tally.faults} == {f"expected {KINDS[kind].looks_like}"}
    assert len(kept.splitlines()) == 3


def test_ids_are_kept_as_they_are_stored_of_people() -> None:
    assert read("twitter_user", b"@Ada_L")[1] == b"ada_l\n"
    assert read("md5", b"A" * 32)[1] == b"a" * 32 + b"\n"
    assert read("email_raw", b"Ada@Example.com")[1].decode() == sha256_hex("ada@example.com") + "\n"
    assert len(read("email_raw", b"ada+shop@example.com")[1].split()) == 3
    assert b"ada" not in read("email_raw", b"ada+shop@example.com")[1]


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("start", ["", "\ufeff", "\ufeffSS_ID{}", '"ssid"{}', "ss id{}"])
def test_marks_headings_blanks_and_ends_of_lines_are_passed_over(start: str, ends: str) -> None:
    tally, kept = read("ss_id", (start.format(ends) + ends.join([" 1 ", "", '"2"', "  ", "3"])).encode())
    assert kept == b"1\n2\n3\n"
    assert (tally.ids, tally.blank, tally.bad, tally.heading) == (3, 2, 0, "s" in start.lower())
    assert tally.lines == 5 + tally.heading


def test_a_heading_further_down_is_a_line_like_any_other() -> None:
    assert read("twitter_id", b"1\ntwitter_id\n")[0].faults == [(2, "expected up to 20 digits")]


@given(
    st.lists(
        st.sampled_from(
            [
                "1",
                "22",
                "",
                " ",
                "x y",
                "é",
                "\r",
                "a" * 1500,
                "b" * 9000,
                " " * 5000,
                "\U0001f600" * 1025,
                "\ufeff",
                "\udc80",
            ]
        ),
        max_size=12,
    ),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.lists(st.integers(0, 30_000), max_size=8),
)
def test_where_a_file_is_cut_makes_no_difference(words: list[str], ends: str, cuts: list[int]) -> None:
    content = ends.join(["7", *words]).encode("utf-8", "surrogateescape")
    whole, cut = read("ss_id", content), read("ss_id", content, *cuts)
    assert asdict(whole[0]) == asdict(cut[0])
    assert whole[1] == cut[1]
    assert whole[0].lines == whole[0].ids + whole[0].bad + whole[0].blank + whole[0].heading


def test_a_line_without_an_end_takes_no_room() -> None:
    kept = bytearray()
    lines = Lines(KINDS["ss_id"], kept.extend, lines_most=10, bytes_most=1 << 30)
    lines.feed(b"1\n")
    for _ in range(64):
        lines.feed(b"x" * (1 << 20))
        assert len(lines._rest) <= 4099
    lines.feed(b"\n2\n")
    tally = lines.finish()
    assert (kept, tally.faults) == (b"1\n2\n", [(2, "it is too long")])


def test_the_first_faults_are_told_and_all_are_counted() -> None:
    tally, _ = read("twitter_id", b"1\n" + b"x\n" * 500)
    assert (tally.bad, len(tally.faults), tally.faults[-1][0]) == (500, FAULTS_TOLD, FAULTS_TOLD + 1)


def test_what_is_too_much_is_refused() -> None:
    with pytest.raises(TooLarge, match="at most 5 lines"):
        read("ss_id", b"1\n" * 6, lines_most=5)
    with pytest.raises(TooLarge, match="at most 1 MiB"):
        read("ss_id", b"1\n" * (1 << 20), bytes_most=1 << 20)


@pytest.mark.parametrize(("content", "says"), [
    (b"", "there is no ss_id in the file"), (b"\n \n", "there is no ss_id"), (b"ss_id\n", "there is no ss_id"),
    (b"a b\n", "there is no ss_id in the file; line 1: expected"), (gzip.compress(b"1\n2\n", mtime=0), "packed (gzip)"),
    (b"PK\x03\x04...\n", "packed (zip)"), ("1\n2\n".encode("utf-16"), "UTF-16"), (b"\xef\xbb\xbf", "there is no ss_id"),
])  # fmt: skip
def test_a_file_without_ids_is_refused(content: bytes, says: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read("ss_id", content)
    assert says in refused.value.message
    assert refused.value.field == "file"
