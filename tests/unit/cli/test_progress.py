"""Progress in a log: one line a stage, and one every few seconds in between."""

from io import StringIO

from rich.console import Console

from houselights.cli.progress import BarProgress, LineProgress, progress_for


def test_plain_lines() -> None:
    out, now = StringIO(), [0.0]
    with LineProgress(out, lambda: now[0]) as progress:
        progress.begin("reading people.csv")
        for second in range(1, 11):
            now[0] = float(second)
            progress.move(1000, second / 20)
        progress.end()
        progress.begin("building the index")
        progress.end()
    assert out.getvalue().splitlines() == [
        "reading people.csv: 25%, 5,000 rows, 1,000 rows/s, 15 s left",
        "reading people.csv: 50%, 10,000 rows, 1,000 rows/s, 10 s left",
        "reading people.csv: done, 10,000 rows in 10.0 s",
        "building the index: done in 0.0 s",
    ]


def test_a_bar_on_a_terminal_only() -> None:
    assert isinstance(progress_for(Console(file=StringIO())), LineProgress)
    screen = StringIO()
    console = Console(file=screen, force_terminal=True, width=100)
    progress = progress_for(console)
    assert isinstance(progress, BarProgress)
    with progress:
        progress.begin("reading people.csv")
        progress.move(1500, 0.5)
        progress.end()
    assert "reading people.csv" in screen.getvalue()
    assert "1,500 rows" in screen.getvalue()
