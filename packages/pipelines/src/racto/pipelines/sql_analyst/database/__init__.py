"""Databases that are read and never written: connections, second wall, schema, rows, doctor."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .addresses import (
        DatabaseAddress as DatabaseAddress,
        address_of as address_of,
        read_address as read_address,
    )
    from .doctor.findings import (
        DoctorReport as DoctorReport,
        Finding as Finding,
        Severity as Severity,
    )
    from .doctor.roles import role_script as role_script
    from .failures import DatabaseConnectionError as DatabaseConnectionError
    from .limits import QueryLimits as QueryLimits
    from .plans import PlanEstimate as PlanEstimate
    from .policies import MASKED as MASKED, AccessPolicy as AccessPolicy, mask_frame as mask_frame
    from .rows import QueryRows as QueryRows
    from .schema.models import (
        ColumnInfo as ColumnInfo,
        DatabaseSchema as DatabaseSchema,
        ForeignKeyInfo as ForeignKeyInfo,
        IndexInfo as IndexInfo,
        SchemaOptions as SchemaOptions,
        TableInfo as TableInfo,
    )
    from .schema.pruning import aprune_schema as aprune_schema, prune_schema as prune_schema
    from .schema.rendering import render_schema as render_schema
    from .service import Database as Database
    from .shelf import SchemaShelf as SchemaShelf

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "addresses": "DatabaseAddress address_of read_address",
        "doctor.findings": "DoctorReport Finding Severity",
        "doctor.roles": "role_script",
        "failures": "DatabaseConnectionError",
        "limits": "QueryLimits",
        "plans": "PlanEstimate",
        "policies": "MASKED AccessPolicy mask_frame",
        "rows": "QueryRows",
        "schema.models": "ColumnInfo DatabaseSchema ForeignKeyInfo IndexInfo SchemaOptions"
        " TableInfo",
        "schema.pruning": "aprune_schema prune_schema",
        "schema.rendering": "render_schema",
        "service": "Database",
        "shelf": "SchemaShelf",
    },
)
