"""`houselights hash`: a customer file in, SHA-256 hashes of its normal forms out. Files only; no server, no network."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from houselights.base.errors import InvalidInput
from houselights.cli.output import console, print_json
from houselights.cli.progress import progress_for
from houselights.engine.workers import CORES
from houselights.identity.countries import country_of
from houselights.identity.headers import COUNTRY, recognise
from houselights.identity.tables import BOUND, TablePlan
from houselights.services.hash_file import HashedFile, Table, hash_file

app = typer.Typer(add_completion=False)


@app.command(name="hash", epilog="Example: houselights hash customers.csv --country US --keep customer_id")
def hash_command(
    file: Annotated[
        Path, typer.Argument(metavar="FILE.csv", help="CSV, TSV or Parquet; .gz, .zst and .bz2 are unpacked.")
    ],
    out: Annotated[
        Path | None, typer.Option("--out", help="Where to write, .csv or .parquet; FILE.hashed.csv if not said.")
    ] = None,
    country: Annotated[str | None, typer.Option(help="The country of rows that do not say theirs.")] = None,
    column: Annotated[
        list[str] | None, typer.Option(metavar="FIELD=COLUMN", help="Says which column a field is in; may be repeated.")
    ] = None,
    keep: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN", help="Writes a column as it is; may be repeated.")
    ] = None,
    own_codes: Annotated[
        bool, typer.Option("--own-codes", help="Phone numbers that begin with + keep their own country code.")
    ] = False,
    blank: Annotated[bool, typer.Option("--blank", help="Leaves cells empty that cannot be hashed.")] = False,
    processes: Annotated[
        int | None, typer.Option(min=1, help="How many processes hash; one for each core if not said.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Writes over a file that is there.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Normalise and hash e-mails, phones, names and addresses, column by column, as audience uploads want them.

    Columns are recognised by their names; others are left out. Values that are SHA-256 hashes already stay as they are.
    A value that cannot be hashed gets the hash of nothing, which matches nobody, and is listed beside the result.
    """
    table = Table(file)
    columns = recognise(table.header, dict(_pair(each) for each in column or ()))
    plan = TablePlan(
        columns=columns, keep=tuple(_kept(table.header, columns, keep or ())), country=_country(country, columns),
        own_codes=own_codes, blank=blank,
    )  # fmt: skip
    target = out or file.with_name(f"{file.name.split('.')[0]}.hashed.csv")
    if target.exists() and not overwrite:
        raise InvalidInput(f"{target} is there already", field="out", hint="--overwrite, or another --out")
    with progress_for(Console(stderr=True)) as progress:
        progress.begin(f"hashing {file.name}")
        done = hash_file(table, target, plan, processes=processes or CORES, moved=progress.move)
        progress.end()
    if as_json:
        print_json(_shape(done, target, plan))
    else:
        console().print(Text(_told(done, target, plan)), soft_wrap=True)


def _pair(text: str) -> tuple[str, str]:
    field, sign, name = text.partition("=")
    if not sign:
        raise InvalidInput(f'"{text}" is not FIELD=COLUMN', field="column", hint="for example --column email=mail")
    return "postal" if field == "zip" else field, name


def _kept(header: list[str], columns: dict[str, str], keep: list[str] | tuple[()]) -> list[str]:
    for name in keep:
        if name not in header:
            raise InvalidInput(f'the table has no column "{name}"', field="keep")
        if name in columns.values() and columns.get(COUNTRY) != name:
            raise InvalidInput(f'"{name}" is hashed, and so cannot be kept as it is', field="keep")
    return list(dict.fromkeys(keep))


def _country(text: str | None, columns: dict[str, str]) -> str | None:
    if text is None:
        bound = [name for field, name in columns.items() if field in BOUND]
        if bound and COUNTRY not in columns:
            raise InvalidInput(
                f"what {', '.join(bound)} look like depends on the country, and the table does not say which",
                field="country", hint="say it: --country US",
            )  # fmt: skip
        return None
    code = country_of(text)
    if code is None:
        raise InvalidInput(f'"{text}" is no country', field="country", hint="a code of ISO 3166, such as US")
    return code


def _told(done: HashedFile, target: Path, plan: TablePlan) -> str:
    columns = ", ".join(f"{name} ({field})" if name != field else name for field, name in plan.columns.items())
    lines = [f"{done.rows:,} rows hashed into {target}", f"columns: {columns}"]
    if done.unhashed:
        counts = ", ".join(f"{count:,} in {name}" for name, count in sorted(done.unhashed.items()))
        lines.append(
            f"{done.unhashed_rows:,} rows have cells that could not be hashed ({counts}), see {done.list_file}"
        )
    if done.torn:
        lines.append(f"{done.torn:,} lines have too many or too few cells, and were left out")
    return "\n".join(lines)


def _shape(done: HashedFile, target: Path, plan: TablePlan) -> dict[str, object]:
    return {
        "file": str(target), "rows": done.rows, "columns": dict(plan.columns), "unhashed": done.unhashed,
        "unhashed_rows": done.unhashed_rows, "torn": done.torn,
        "unhashed_list": str(done.list_file) if done.list_file else None,
    }  # fmt: skip
