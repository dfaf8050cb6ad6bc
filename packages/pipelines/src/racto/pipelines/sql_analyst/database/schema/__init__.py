"""Tables and views as data, as text for a prompt, and pruned to a question."""

from .models import (
    ColumnInfo as ColumnInfo,
    DatabaseSchema as DatabaseSchema,
    ForeignKeyInfo as ForeignKeyInfo,
    IndexInfo as IndexInfo,
    SchemaOptions as SchemaOptions,
    TableInfo as TableInfo,
)
from .pruning import aprune_schema as aprune_schema, prune_schema as prune_schema
from .rendering import render_schema as render_schema
