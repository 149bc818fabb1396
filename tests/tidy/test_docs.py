"""The documents tell the truth: links lead somewhere, the tour names real code, every noun stands in words.md."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "src").rglob("README.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    dead = [
        link
        for link in LINK.findall(page.read_text(encoding="utf-8"))
        if not re.match(r"[a-z]+:", link) and not (page.parent / link).exists()
    ]
    assert dead == []


def public_classes(folder: str) -> set[str]:
    """Names of the public top-level classes below a folder of the source."""
    names = set()
    for path in (ROOT / "src" / "houselights" / folder).rglob("*.py"):
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
