"""Results as files: CSV, JSON, JSON lines, Excel, Parquet and Markdown, whole or not at all."""

from .frames import as_frame as as_frame
from .markdown import markdown_table as markdown_table
from .table_exports import TableExports as TableExports
from .writing import (
    FORMATS as FORMATS,
    awrite_table as awrite_table,
    table_bytes as table_bytes,
    write_table as write_table,
)
