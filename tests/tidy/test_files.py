"""Shape of the source: every module says what it is, fits in one sitting, and names no machine."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "houselights"
MODULES = sorted(path for path in SOURCE.rglob("*.py") if "migrations/versions" not in path.as_posix())
LONGEST = 400


def tracked() -> list[Path]:
    """Files under version control, or none when this is not a checkout (an unpacked archive)."""
    run = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    return [ROOT / line for line in run.stdout.splitlines()]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_a_module_introduces_itself_and_fits_in_one_sitting(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text)), "the first thing in a module says what it is"
    assert text.count("\n") <= LONGEST, "find the table hiding in it"


def test_nothing_names_a_machine() -> None:
    homes = re.compile(r"(?<![\w.])/(?:work|root|home/\w+|tmp)/")
    strays = []
    for path in tracked():
        if path == Path(__file__) or path.suffix not in {".py", ".md", ".yaml", ".yml", ".toml", ".json", ".sh", ""}:
            continue
        if path.is_file():
            text = path.read_text(encoding="utf-8", errors="ignore")
            strays += [f"{path.relative_to(ROOT)}: {match.group()}" for match in homes.finditer(text)]
    assert strays == []


def test_no_blanket_ignores() -> None:
    blanket = re.compile(r"#\s*(?:type:\s*ignore(?!\[)|noqa(?!:)|mypy:\s*ignore-errors)")
    strays = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in tracked()
        if path.suffix == ".py" and path.is_file() and path != Path(__file__)
        for match in blanket.finditer(path.read_text(encoding="utf-8"))
    ]
    assert strays == []
