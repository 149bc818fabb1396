"""Reads a file of ids as it comes, in pieces of any size: one id a line. Holds one piece and one line in memory.

Lines end with LF, CRLF or CR; a byte order mark, blank lines, spaces around an id and quotes around a whole line are
passed over, and so is a first line that is the heading of the column. Refuses files that are packed, or not UTF-8.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from houselights.base.errors import InvalidInput, TooLarge
from houselights.services.id_lists.kinds import Kind

LINE_MOST = 1024  # characters; longer ones are no ids, and are not kept to be looked at
FAULTS_TOLD = 100
BOM = "\ufeff"
_PACKED = {b"\x1f\x8b\x08": "gzip", b"PK\x03\x04": "zip", b"\x28\xb5\x2f\xfd": "zstd"}
_WIDE = (b"\xff\xfe", b"\xfe\xff")


@dataclass(slots=True)
class Tally:
    """What was in a file. `faults` are (line number from 1, why), the first FAULTS_TOLD of `bad`."""

    lines: int = 0
    ids: int = 0
    blank: int = 0
    bad: int = 0
    bytes: int = 0
    heading: bool = False
    faults: list[tuple[int, str]] = field(default_factory=list)


class Lines:
    """Takes pieces of one file and gives what is to be kept, one line for each id, to `write`."""

    def __init__(self, kind: Kind, write: Callable[[bytes], object], *, lines_most: int, bytes_most: int):
        self._kind = kind
        self._write = write
        self._lines_most = lines_most
        self._bytes_most = bytes_most
        self._rest = b""
        self._is_skipping = False
        self.tally = Tally()

    def feed(self, piece: bytes) -> None:
        """Take the next piece. Raises TooLarge, InvalidInput; then nothing of the file is any good."""
        tally = self.tally
        tally.bytes += len(piece)
        if tally.bytes > self._bytes_most:
            raise TooLarge(f"a list has at most {self._bytes_most >> 20} MiB")
        block = self._rest + piece
        if not tally.lines:
            _must_be_text(block)
        # A CR at the end may be half of a CRLF: it waits for the next piece.
        held = len(block) - 1 if block.endswith(b"\r") else len(block)
        end = max(block.rfind(b"\n", 0, held), block.rfind(b"\r", 0, held)) + 1
        self._take(block[:end])
        self._rest = block[end:]
        if len(self._rest) > 4 * LINE_MOST + len(BOM.encode()):  # a character is at most 4 bytes
            self._is_skipping, self._rest = True, self._rest[-1:] if self._rest.endswith(b"\r") else b""

    def finish(self) -> Tally:
        """Take the last line, if it has no end, and return what was in the file. Raises InvalidInput for no id."""
        if self._rest or self._is_skipping:
            self._take(self._rest + b"\n")
            self._rest = b""
        tally = self.tally
        if not tally.ids:
            first = f"; line {tally.faults[0][0]}: {tally.faults[0][1]}" if tally.faults else ""
            raise InvalidInput(f"there is no {self._kind.name} in the file{first}", field="file")
        return tally

    def _take(self, block: bytes) -> None:
        if not block:
            return
        tally, kind = self.tally, self._kind
        text = block.decode("utf-8", "surrogateescape")
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        lines.pop()  # what follows the last line's end
        number = tally.lines
        tally.lines += len(lines)
        if tally.lines > self._lines_most:
            raise TooLarge(f"a list has at most {self._lines_most:,} lines")
        if number == 0:
            lines[0] = lines[0].removeprefix(BOM)
        stored, kept = kind.stored, []
        for line in lines:
            number += 1
            if self._is_skipping or len(line) > LINE_MOST:
                self._is_skipping = False
                self._fault(number, "it is too long")
                continue
            word = line.strip()
            if word.startswith('"') and word.endswith('"'):
                word = word[1:-1].strip()
            if not word:
                tally.blank += 1
            elif number == 1 and word.lower() in kind.headers:
                tally.heading = True
            elif form := stored(word):
                kept.append(form)
            else:
                self._fault(number, f"expected {kind.looks_like}")
        if kept:
            tally.ids += len(kept)
            self._write(("\n".join(kept) + "\n").encode())

    def _fault(self, number: int, why: str) -> None:
        self.tally.bad += 1
        if len(self.tally.faults) < FAULTS_TOLD:
            self.tally.faults.append((number, why))


def _must_be_text(block: bytes) -> None:
    for start, name in _PACKED.items():
        if block.startswith(start):
            raise InvalidInput(f"the file is packed ({name})", field="file", hint="send it as plain text")
    if block.startswith(_WIDE):
        raise InvalidInput("the file is UTF-16", field="file", hint="save it as UTF-8")
