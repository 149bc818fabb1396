"""Throws text at the parser: noise, and mutations of the corpus. Everything must be accepted or refused, and quickly.

`python -m tests.apis.adobe.language.fuzz COUNT [SEED]` runs it at length and prints the slowest input.
"""

import random
import sys
import time
from collections.abc import Iterator
from contextlib import suppress

from houselights.apis.adobe.language.check import check_audience
from houselights.apis.adobe.language.json_form import write_json
from houselights.apis.adobe.language.json_read import read_json
from houselights.apis.adobe.language.parse import Parsed, parse
from houselights.apis.adobe.language.write import write
from houselights.base.errors import InvalidRule
from houselights.engine.values.evaluate import holds
from houselights.rules.values_english import english
from tests.apis.adobe.language.cases import all_cases
from tests.apis.adobe.language.museum_pieces import all_pieces
from tests.apis.adobe.profiles import NOW, PEOPLE_BY_KEY, SCHEMA

SECONDS_PER_INPUT = 1.0
PIECES = (
    "(", ")", "[", "]", "{", "}", '"', "'", "`", "\\", ".", ",", ":", "=", "!", "<", ">", "^", "$1", "@", "%", "_",
    "=>", " and ", " or ", "not ", " in ", " occurs ", "exists ", "select ", "let ", "from ", "where ", "sum ", "over ",
    "last ", "month ", "now", "0", "1e9", "xEvent", "CHAIN(", "WHAT(", "WHEN(", "\n", "\t", "\x00", "é", "文",
    "\ud800", "\U0001f600",
)  # fmt: skip


def seeds() -> list[str]:
    return [case.text for case in all_cases()] + [piece.text for piece in all_pieces()]


def inputs(count: int, seed: int) -> Iterator[str]:
    """Mutated expressions mostly; some noise; some long and some deep inputs of up to 10 KB."""
    rng = random.Random(seed)
    corpus = seeds()
    for number in range(count):
        kind = number % 50
        if kind == 0:
            yield "".join(rng.choice(PIECES) for _ in range(rng.randrange(60)))
        elif kind == 1:
            yield "".join(chr(rng.randrange(1, 0x3000)) for _ in range(rng.randrange(40)))
        elif kind == 2 and number % 1000 == 2:
            yield (rng.choice(PIECES) * 10_000)[:10_000]
        elif kind == 3 and number % 1000 == 3:
            joined = rng.choice((" and ", " or ", ", ", " + ", ""))
            yield joined.join(rng.choice(corpus) for _ in range(200))[:10_000]
        else:
            yield mutated(rng.choice(corpus), corpus, rng)


def mutated(text: str, corpus: list[str], rng: random.Random) -> str:
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(text) + 1)
        match rng.randrange(6):
            case 0:
                text = text[:at] + rng.choice(PIECES) + text[at:]
            case 1:
                text = text[:at] + text[at + rng.randrange(1, 8) :]
            case 2:
                other = rng.choice(corpus)
                text = text[:at] + other[rng.randrange(len(other)) :]
            case 3:
                text = text[:at] + text[max(0, at - rng.randrange(1, 12)) :]
            case 4:
                text = text.replace(rng.choice(text) if text else "x", rng.choice(PIECES), 1)
            case _:
                text = f"({text})" if rng.random() < 0.5 else f"not {text}"
    return text


def judge(text: str) -> bool:
    """Say whether the text is an expression. Anything but acceptance or InvalidRule goes through to the caller."""
    refusal: InvalidRule
    try:
        parsed = parse(text)
    except InvalidRule as error:
        refusal = error
    else:
        comes_back(text, parsed)
        return True
    assert str(refusal)
    assert refusal.span is not None, text
    assert 0 <= refusal.span.start <= refusal.span.end <= len(text), text
    return False


def comes_back(text: str, parsed: Parsed) -> None:
    """Demand that an accepted text comes back from text and JSON, has an English, and is evaluated if it checks."""
    spelt = write(parsed.tree)
    assert parse(spelt).tree == parsed.tree, text
    assert read_json(write_json(parsed.tree)) == parsed.tree, text
    english(parsed.tree)
    with suppress(InvalidRule):
        check_audience(parsed, SCHEMA)
        for person in PEOPLE_BY_KEY.values():
            holds(parsed.tree, person, now=NOW)


def run(count: int, seed: int) -> tuple[int, float, str]:
    """Return how many inputs were expressions, and the slowest input with its seconds of work.

    What else the machine does meanwhile is not counted: it made an input of 0.4 ms look like one of 2 s.
    """
    accepted, slowest, worst = 0, 0.0, ""
    for text in inputs(count, seed):
        started = time.thread_time()
        accepted += judge(text)
        took = time.thread_time() - started
        if took > slowest:
            slowest, worst = took, text
    return accepted, slowest, worst


if __name__ == "__main__":
    started_at = time.perf_counter()
    total = int(sys.argv[1])
    hits, seconds, text_of_it = run(total, int(sys.argv[2]) if len(sys.argv) > 2 else 0)
    print(f"{total} inputs in {time.perf_counter() - started_at:.0f} s, {hits} were expressions")
    print(f"slowest {seconds * 1000:.0f} ms: {text_of_it[:100]!r} ({len(text_of_it)} characters)")
    sys.exit(seconds > SECONDS_PER_INPUT)
