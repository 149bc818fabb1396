"""Log lines as JSON, one object a line. Silent until a process asks for them, so that a library user hears nothing."""

import logging
import sys
from typing import TextIO

import structlog

_PROCESSORS: tuple[structlog.types.Processor, ...] = (
    structlog.stdlib.filter_by_level,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    structlog.processors.JSONRenderer(),
)


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """Return a logger below "houselights"; keyword arguments of its methods become fields."""
    made: structlog.stdlib.BoundLogger = structlog.wrap_logger(
        logging.getLogger(f"houselights.{name}"), processors=_PROCESSORS, wrapper_class=structlog.stdlib.BoundLogger
    )
    return made


def write_logs(stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Send our log lines to `stream` (standard error when None), and to nobody else's handlers."""
    root = logging.getLogger("houselights")
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    root.handlers = [handler]
    root.setLevel(level)
    root.propagate = False
