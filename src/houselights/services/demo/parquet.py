"""How the demo world's files are written: plain Parquet, quick to write and read, the same bytes every time."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

# Columns whose values hardly repeat; a dictionary of them would only cost time.
DISTINCT = frozenset({
    "email", "phone", "street", "email_sha256", "email_md5", "cookie", "maid", "crm_id", "panel_id", "ss_id",
    "twitter_id", "twitter_user", "ramp_id", "cint_id", "ma_id", "order_id",
})  # fmt: skip


def write_parquet(file: Path, table: pa.Table) -> None:
    """Write a table; the same table gives the same bytes."""
    # The Arrow schema is left out: plain Parquet types are what a company's own files would have.
    pq.write_table(table, file, compression="lz4", store_schema=False, use_dictionary=_repeating(table.schema))


def _repeating(schema: pa.Schema) -> list[str]:
    """Return the paths of the columns whose values repeat."""
    return [path for name in schema.names if name not in DISTINCT for path in _leaves(name, schema.field(name).type)]


def _leaves(path: str, kind: pa.DataType) -> list[str]:
    if pa.types.is_list(kind):
        return _leaves(f"{path}.list.element", kind.value_type)
    if pa.types.is_struct(kind):
        return [leaf for field in kind for leaf in _leaves(f"{path}.{field.name}", field.type)]
    return [path]
