"""The operations of this product."""

from houselights.apis.amazon.operation import Operation

OPERATIONS: tuple[Operation, ...] = ()
