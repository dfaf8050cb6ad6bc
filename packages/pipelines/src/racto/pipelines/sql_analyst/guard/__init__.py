"""The guard: a statement is parsed, held against allowlists, and passed or refused."""

from .guard import ReadOnlySQLGuard as ReadOnlySQLGuard
from .lexing import Limits as Limits
from .verdicts import (
    ANY_COLUMN as ANY_COLUMN,
    ColumnOrigin as ColumnOrigin,
    OutputColumn as OutputColumn,
    TableSchema as TableSchema,
    Verdict as Verdict,
)
