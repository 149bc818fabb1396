"""`houselights demo`: from nothing to answers. Makes a population, brings it in, prints what it says, serves it.

The world is made up and the same for the same seed. A folder that holds it already is served as it is.
"""

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from houselights.app import ROOMS, build_house
from houselights.base.settings import Settings
from houselights.cli.credentials import write_credentials
from houselights.cli.import_people import bring_in, told
from houselights.cli.output import console, print_json
from houselights.cli.progress import progress_for
from houselights.cli.serve import check_port, run_server
from houselights.services.caller import Caller
from houselights.services.demo.answers import sample_answers, summary_lines
from houselights.services.demo.customers import write_customers
from houselights.services.demo.stamp import WorldSummary
from houselights.services.demo.world import source_of, write_world

app = typer.Typer(add_completion=False)

FOLDER = Path("demo-data")


@app.command(epilog="Example: houselights demo --people 20000 --no-serve")
def demo(
    people: Annotated[int, typer.Option(min=1, max=50_000_000, help="How many people to make up.")] = 100_000,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to serve on.")] = 8080,
    data: Annotated[Path, typer.Option("--data", metavar="DIR", help="Where the house keeps it all.")] = FOLDER,
    seed: Annotated[int, typer.Option(help="Another seed, another world.")] = 7,
    serve: Annotated[bool, typer.Option(help="Serve it when it is made.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON; implies --no-serve.")] = False,
) -> None:
    """Make a plausible population, bring it in, print three answers and where to ask more, and serve it."""
    began = time.monotonic()
    if serve and not as_json:
        check_port("127.0.0.1", port)  # before the work, not after it
    settings = Settings.from_environment(data, base_url=f"http://127.0.0.1:{port}")
    summary = _make(source_of(settings.data), people, seed)
    customers = write_customers(summary.folder)
    house = build_house(settings)
    try:
        run = bring_in(house, summary.population)
        workspace = house.control.workspaces.get(run.workspace_id)
        credentials = write_credentials(house, workspace, settings.data, base_url=settings.base_url)
        answers = sample_answers(house, Caller.local(workspace))
    finally:
        house.control.close()
    if as_json:
        told_answers = [{"question": one.question, "lines": list(one.lines)} for one in answers]
        print_json({"people": run.people, "credentials": str(credentials), "answers": told_answers})
        return
    out = console()
    out.print(Text("\n".join(summary_lines(summary))), soft_wrap=True)
    out.print(Text(f"{told(run)}, in {time.monotonic() - began:.0f} s", style="dim"), soft_wrap=True)
    for answer in answers:
        out.print()
        out.print(Text(answer.question, style="bold"), soft_wrap=True)
        for line in answer.lines:
            out.print(Text(f"  {line}"), soft_wrap=True)
    out.print()
    _point(out, settings, credentials, customers)
    if serve:
        out.print(Text("Serving; stop with Ctrl-C.", style="dim"))
        run_server(settings, host="127.0.0.1", port=port, workers=1)


def _make(folder: Path, people: int, seed: int) -> WorldSummary:
    """Write the world's files, with progress on standard error."""
    done = 0
    with progress_for(Console(stderr=True)) as progress:
        progress.begin("making people up")

        def made(now: int, whole: int) -> None:
            nonlocal done
            progress.move(now - done, now / whole)
            done = now

        summary = write_world(folder, people=people, seed=seed, progress=made)
        progress.end()
    return summary


def _point(out: Console, settings: Settings, credentials: Path, customers: Path) -> None:
    """Say where to go on from here."""
    for room in ROOMS:
        if room.docs:
            out.print(Text(f"{room.name:8} {settings.base_url}{room.docs}"), soft_wrap=True)
    out.print(Text(f"{'secrets':8} {credentials}"), soft_wrap=True)
    out.print(Text(f"{'upload':8} {customers}"), soft_wrap=True)
    out.print(Text(f"{'ask':8} houselights insights 'New parents' --data {settings.data}"), soft_wrap=True)
