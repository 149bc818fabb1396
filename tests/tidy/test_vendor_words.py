"""Vendor words stay in the vendor's room: remove the room and nothing else mentions it."""

import re
from functools import lru_cache
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "houselights"

# room -> words that may be spoken only there. Whole words, where an underscore or a capital also ends a word.
WORDS = {
    "amazon": ("amazon", "persona builder", "prime video", "primevideo", "dsp", "amc", "atza", "atzr", "asin"),
    "adobe": ("adobe", "aep", "pql", "xdm", "ims"),
    "statsocial": ("statsocial", "silhouette audience", "silhouette api"),  # a silhouette alone is a statistic
}

# Places outside the rooms that may name vendors, and why.
EXCEPTIONS = {
    "app.py": "wires the rooms",
    "cli/credentials.py": "writes one section of credentials for each room",
}

LIBRARIES = "web/static/vendor/"  # other people's code, which has an arc sine


def spoken(text: str, word: str) -> list[str]:
    """Return the lines of `text` in which `word` stands as a word or as a part of an identifier."""
    parts = r"[\s_-]?".join(map(re.escape, word.split()))
    # camelCase: a lower-case letter before a capital is a boundary, so match on text with those split
    pattern = re.compile(rf"(?<![a-z]){parts}(?![a-z])", re.IGNORECASE)
    if not pattern.search(split_words(text)):
        return []
    return [line.strip() for line in text.splitlines() if pattern.search(split_words(line))]


@lru_cache(maxsize=1)
def split_words(text: str) -> str:
    return re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", text)


def test_vendor_words_stay_in_their_rooms() -> None:
    strays = []
    for path in sorted(SOURCE.rglob("*")):
        if path.suffix not in {".py", ".yaml", ".json", ".sql", ".lark", ".html", ".js"} or "__pycache__" in path.parts:
            continue
        place = path.relative_to(SOURCE).as_posix()
        if place in EXCEPTIONS or place.startswith(LIBRARIES):
            continue
        text = path.read_text(encoding="utf-8")
        for room, words in WORDS.items():
            if place.startswith(f"apis/{room}/"):
                continue
            strays += [f"{place}: {word!r} in: {line[:100]}" for word in words for line in spoken(text, word)]
    assert strays == []


def test_the_exceptions_are_still_needed() -> None:
    for place in EXCEPTIONS:
        text = (SOURCE / place).read_text(encoding="utf-8")
        assert any(spoken(text, word) for words in WORDS.values() for word in words), place


def test_the_search_would_find_a_stray() -> None:
    assert spoken("from x import AmazonClient", "amazon")
    assert spoken("dsp_audience = 1", "dsp")
    assert spoken("persona_builder", "persona builder")
    assert not spoken("clamps the basin and grandspark", "amc")
    assert not spoken("claims, timestamps", "ims")
