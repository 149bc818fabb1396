"""The command line's front: finds the command, loads only that one, and turns what it refuses into a message.

The commands stand in a table by name; their modules are imported when they are called, so that `houselights --help`
does not wait for numba. Refusals (`HouselightsError`) go to standard error, without a traceback, with exit code 2.
"""

from dataclasses import dataclass
from importlib import import_module, metadata
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text
from typer.core import TyperCommand, TyperGroup

from houselights.base.errors import HouselightsError

REFUSED = 2


@dataclass(frozen=True, slots=True)
class Entry:
    """A command: the module of `houselights.cli` that holds its `app`, and its line in the list."""

    module: str
    line: str


COMMANDS: dict[str, Entry] = {
    "demo": Entry("demo", "Make a plausible population, print answers, and serve it."),
    "import": Entry("import_people", "Bring people in, as a population file says."),
    "hash": Entry("hash", "Normalise and hash a customer file, as audience uploads want it."),
    "serve": Entry("serve", "Serve what is in the data folder over HTTP."),
    "worker": Entry("worker", "Work on uploads, in a process of its own."),
    "audiences": Entry("audiences", "List, read, create and archive audiences."),
    "insights": Entry("insights", "Say what the people of an audience are like."),
    "explain": Entry("explain", "Say how a rule is understood, step by step, with counts."),
    "erase": Entry("erase", "Forget somebody, and prove it."),
    "operators": Entry("operators", "Let people sign in to the web app."),
    "clients": Entry("clients", "Make, list and disable clients, and read the audit log."),
}


class Lazy(TyperGroup):
    """A group that shows the table, and imports a command when it is called."""

    def __init__(self, **settings: Any):
        super().__init__(**settings)
        for name, entry in COMMANDS.items():
            self.add_command(TyperCommand(name, help=entry.line, short_help=entry.line))

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 — the same list in every context
        return list(COMMANDS)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        if name is not None:
            module = import_module(f"houselights.cli.{COMMANDS[name].module}")
            command = typer.main.get_command(module.app)
            command.name = name
        return name, command, rest

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except HouselightsError as error:
            say_refusal(error)
            raise typer.Exit(REFUSED) from error


def say_refusal(error: HouselightsError) -> None:
    """Write what was refused, where, and what was perhaps meant, to standard error."""
    console = Console(stderr=True, highlight=False)
    where = f" [at {error.field}]" if error.field else ""
    console.print(Text("refused: ", style="bold red"), Text(f"{error.message}{where}"), sep="", soft_wrap=True)
    if error.span is not None:
        console.print(Text(error.span.caret()), soft_wrap=True)
    if error.hint:
        console.print(Text(error.hint, style="dim"), soft_wrap=True)


cli = typer.Typer(
    cls=Lazy,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _say_version(wanted: bool) -> None:
    """Print the version and leave."""
    if wanted:
        typer.echo(f"houselights {metadata.version('houselights')}")
        raise typer.Exit


@cli.callback(epilog="Begin with: houselights demo")
def houselights(
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """Turn the lights up and see your audience: who is in it, and what they are like."""


def run() -> None:
    """Run the command line; the entry point of the `houselights` script."""
    cli(prog_name="houselights")
