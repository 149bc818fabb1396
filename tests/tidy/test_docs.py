"""The documents tell the truth: links lead somewhere, the tour names real code, every noun stands in words.md."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "src").rglob("README.md")])
SOURCE = ROOT / "src" / "houselights"
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    dead = [
        link
        for link in LINK.findall(page.read_text(encoding="utf-8"))
        if not re.match(r"[a-z]+:", link) and not (page.parent / link).exists()
    ]
    assert dead == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_files_that_are_named_exist(page: Path) -> None:
    """Commands and sentences name files of this repository from its root."""
    named = re.findall(r"(?<![\w./-])(?:examples|docs|tests|bench)/[\w./-]+\.\w+", page.read_text(encoding="utf-8"))
    assert [name for name in named if not (ROOT / name).exists() and not (page.parent / name).exists()] == []


def test_the_stages_of_the_architecture_are_files() -> None:
    """The second column of the pipeline's table; rooms differ, so `<room>` is one that has all of them."""
    table = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").split("## The pipeline")[1].split("## ")[0]
    stages = re.findall(r"^\| \w+ \| `([^`]+)` \|", table, re.MULTILINE)
    assert len(stages) >= 9
    assert [stage for stage in stages if not list(SOURCE.glob(stage.replace("<room>/…", "amazon/**")))] == []


def public_classes(folder: str) -> set[str]:
    """Names of the public top-level classes below a folder of the source."""
    names = set()
    for path in (SOURCE / folder).rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names |= {node.name for node in tree.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")}
    return names


@pytest.mark.parametrize("folder", ["model", "rules"])
def test_every_noun_has_its_line_in_words(folder: str) -> None:
    words = (ROOT / "docs" / "words.md").read_text(encoding="utf-8")
    missing = {name for name in public_classes(folder) if f"`{name}`" not in words}
    assert missing == set()


def test_the_tour_names_what_exists() -> None:
    """`path/file.py: name` in the tour means that the file defines the name."""
    tour = (ROOT / "docs" / "tour.md").read_text(encoding="utf-8")
    stops = re.findall(r"\[`([\w./]+\.py): (\w+)`\]\(([^)]+)\)", tour)
    assert len(stops) >= 7
    for shown, name, link in stops:
        text = (ROOT / "docs" / link).read_text(encoding="utf-8")
        assert link.endswith(shown), link
        assert re.search(rf"^\s*(?:def|class) {name}\b|^{name}\b", text, re.MULTILINE), f"{shown}: {name}"
