"""The room as one table: every operation, in order of its product. The door reads it; a test holds it to the routes."""

from houselights.apis.statsocial.audiences import operations as audiences
from houselights.apis.statsocial.files import operations as files
from houselights.apis.statsocial.growth import operations as growth
from houselights.apis.statsocial.insights import operations as insights
from houselights.apis.statsocial.lookups import operations as lookups
from houselights.apis.statsocial.operation import BASE, Operation

# The path prefixes that belong to this room; its documentation lives under the last.
PATHS = (BASE, "/statsocial")

OPERATIONS: tuple[Operation, ...] = (
    *lookups.OPERATIONS,
    *audiences.OPERATIONS,
    *files.OPERATIONS,
    *insights.OPERATIONS,
    *growth.OPERATIONS,
)


def operation_at(method: str, path: str) -> Operation | None:
    """Return the operation that a request means, None when the path or its method is not in the table."""
    for operation in OPERATIONS:
        if operation.method == method and operation.pattern.fullmatch(path):
            return operation
    return None


def methods_at(path: str) -> list[str]:
    """Return the methods that a path has, for the `Allow` header of a refusal."""
    return sorted({operation.method for operation in OPERATIONS if operation.pattern.fullmatch(path)})
