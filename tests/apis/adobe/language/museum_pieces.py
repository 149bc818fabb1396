"""Reads and fills the museum of bad inputs: an expression, and below it, after bars, the whole error it earns.

`python -m tests.apis.adobe.language.museum_pieces FILE…` adds the errors that are missing.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from houselights.apis.adobe.language.check import check_audience
from houselights.apis.adobe.language.parse import parse
from houselights.base.errors import InvalidRule
from tests.apis.adobe.profiles import SCHEMA

MUSEUM = Path(__file__).parent / "museum"


@dataclass
class Piece:
    file: str
    line: int
    text: str
    error: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.file}:{self.line}"


def read_pieces(path: Path) -> Iterator[Piece]:
    piece: Piece | None = None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("  |"):
            assert piece is not None, f"{path}:{number}: an error about nothing"
            piece.error.append(line[4:])
            continue
        if piece is not None:
            yield piece
        piece = Piece(path.stem, number, line)
    if piece is not None:
        yield piece


def all_pieces() -> list[Piece]:
    return [piece for path in sorted(MUSEUM.glob("*.case")) for piece in read_pieces(path)]


def error_of(text: str) -> InvalidRule | None:
    try:
        check_audience(parse(text), SCHEMA)
    except InvalidRule as error:
        return error
    return None


def shown(error: InvalidRule) -> list[str]:
    """Place, message, the caret under the text, hint."""
    assert error.span is not None
    return f"{error.span.line}:{error.span.column} {error}".splitlines()


def fill(path: Path) -> None:
    lines: list[str] = []
    known = {piece.line: piece for piece in read_pieces(path)}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        lines.append(line)
        if number in known and not known[number].error:
            error = error_of(line)
            lines += ["  | accepted!"] if error is None else [f"  | {each}" for each in shown(error)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        fill(Path(name))
