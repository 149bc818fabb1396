"""`houselights worker`: works on uploads in a process of its own, beside servers whose setting says that it does.

Any number may run, on one machine or several; none does what another has begun.
"""

import signal
from types import FrameType

import typer

from houselights.app import build_house
from houselights.base.logs import write_logs
from houselights.base.settings import Settings
from houselights.base.steady import steady
from houselights.cli.asker import DataOption

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: HOUSELIGHTS_UPLOADS=workers=apart houselights serve & houselights worker")
def worker(data: DataOption = None) -> None:
    """Match what clients upload and put it in its place, until interrupted. The batch under way is finished first."""
    write_logs()
    house = build_house(Settings.from_environment(data))

    def stop(_signal: int, _frame: FrameType | None) -> None:
        house.worker.stop()

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, stop)
    with steady():
        house.worker.run()
    house.control.close()
