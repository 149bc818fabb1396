"""Patterns in Java's syntax, and `like`."""

import pytest

from houselights.base.errors import InvalidRule
from houselights.rules import patterns
from houselights.rules.patterns import capture, check_pattern, finds, is_like


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("(?i)^John", "johnny", True),
        ("ohn", "John", True),  # found anywhere, not matched as a whole
        ("^ohn", "John", False),
        (r"\w", "é", False),  # ASCII, as in Java
        (r"\p{L}", "é", True),
        (r"[\w-]+@", "a-b@c", True),
        (r"\d", "٣", False),
        ("[a-z&&[^b]]", "b", False),
        (r"\Qa.b\E", "axb", False),
        (r"\Qa.b", "xa.b", True),
        ("(?i)ß", "SS", False),
        (r"a\z", "a\n", False),
        (r"a\Z", "a\n", True),
        (r"(\w)\1", "hello", True),
    ],
)
def test_patterns_of_java(pattern: str, text: str, *, found: bool) -> None:
    assert finds(pattern, text) is found


def test_groups() -> None:
    assert capture(r"@(\w+)", "x@gmail.com", 1) == "gmail"
    assert capture(r"@(\w+)", "x@gmail.com", 0) == "@gmail"
    assert capture(r"@(\w+)", "x@gmail.com", 2) is None
    assert capture("(a)|b", "b", 1) is None
    assert check_pattern("(a)(b)") == 2


@pytest.mark.parametrize("pattern", ["(", "[z-a]", "*", "a{2,1}", "(?<name", "x" * 1001, "\\"])
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidRule):
        check_pattern(pattern)


def test_a_pattern_that_takes_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "SECONDS_PER_SEARCH", 0.02)
    with pytest.raises(InvalidRule, match="too long"):
        finds("(a|aa)+$", "a" * 60 + "b")


@pytest.mark.parametrize(
    ("text", "pattern", "like"),
    [
        ("es", "%es%", True), ("Cáceres", "%es%", True), ("ES", "%es%", False), ("abc", "a_c", True),
        ("ac", "a_c", False), ("a\nc", "a_c", True), ("", "%", True), ("", "_", False), ("50%", "50\\%", True),
        ("500", "50\\%", False), ("a.c", "a.c", True), ("abc", "a.c", False), ("a\\", "a\\", True), ("x", "", False),
    ],
)  # fmt: skip
def test_like(text: str, pattern: str, *, like: bool) -> None:
    assert is_like(text, pattern) is like


def test_a_like_pattern_too_long_to_compile_is_refused() -> None:
    with pytest.raises(InvalidRule, match="1000 characters; this one has 5000"):
        is_like("text", "%a" * 2500)
