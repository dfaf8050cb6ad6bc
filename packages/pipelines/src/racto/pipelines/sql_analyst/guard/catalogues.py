"""The tables that describe the database and its sessions: no statement reads them."""

from __future__ import annotations

import re

_PG_TABLES = """
aggregate am amop amproc attrdef attribute auth_members authid available_extension_versions
available_extensions backend_memory_contexts cast class collation config constraint conversion
cursors database db_role_setting default_acl depend description enum event_trigger extension
file_settings foreign_data_wrapper foreign_server foreign_table group hba_file_rules
ident_file_mappings index indexes inherits init_privs language largeobject largeobject_metadata
locks matviews namespace opclass operator opfamily parameter_acl partitioned_table policies policy
prepared_statements prepared_xacts proc publication publication_namespace publication_rel
publication_tables range replication_origin replication_origin_status replication_slots rewrite
roles rules seclabel seclabels sequence sequences settings shadow shdepend shdescription
shmem_allocations shseclabel statistic statistic_ext statistic_ext_data stats stats_ext
stats_ext_exprs subscription subscription_rel tables tablespace timezone_abbrevs timezone_names
transform trigger ts_config ts_config_map ts_dict ts_parser ts_template type user user_mapping
user_mappings views wait_events aios dsm_registry_allocations shmem_allocations_numa buffercache
freespace visibility freespacemap
"""
_PG = (
    "pg_(?:"
    + "|".join(_PG_TABLES.split())
    + r"|stat_\w+|statio_\w+|toast\w*|temp\w*|buffercache\w*)"
)
# Matches nothing: these databases keep their catalogue in schemas of its own.
_NO_TABLE = r"(?!)"

SCHEMAS: dict[str, str] = {
    "postgresql": r"pg_catalog|information_schema|pg_toast\w*|pg_temp\w*|cron|_timescaledb_\w+",
    "mysql": r"mysql|information_schema|performance_schema|sys|ndbinfo",
    "sqlite": r"pragma\w*",
    "duckdb": r"pg_catalog|information_schema|system|temp|pg_toast",
    "tsql": r"sys|information_schema|master|msdb|tempdb|model|ssisdb|distribution|resource",
    "bigquery": r"information_schema|region-[\w-]+|__\w+__",
    "snowflake": r"information_schema|snowflake|account_usage|organization_usage|reader_account_usage",
}
"""Schemas and databases, at any place before a table's name, none of whose tables may be read."""

TABLES: dict[str, str] = {
    "postgresql": _PG,
    "mysql": _NO_TABLE,
    "sqlite": r"sqlite_\w+|pragma_\w+|dbstat|bytecode|tables_used|fsdir|completion|\w+_fts5vocab",
    "duckdb": rf"sqlite_\w+|duckdb_\w+|pragma_\w+|{_PG}",
    "tsql": (
        r"sys(?:objects|columns|users|logins|xlogins|databases|processes|comments|indexes|types|"
        r"configures|servers|permissions|protects|members|files|filegroups|foreignkeys|references|"
        r"constraints|depends|messages|altfiles|devices|language|lockinfo|perfinfo|cacheobjects|"
        r"curconfigs|oledbusers|remotelogins|opentapes|fulltextcatalogs|tables|procs|jobs\w*)|"
        r"xp_\w+|sp_\w+|fn_\w+|dm_\w+"
    ),
    "bigquery": r"__\w+__|information_schema\..*|.*\.information_schema\..*",
    "snowflake": _NO_TABLE,
}
"""Tables that stand in the default schema, or may be named without their own."""


def compiled(patterns: dict[str, str], dialect: str) -> re.Pattern[str]:
    """One of the patterns above, for `re.Pattern.fullmatch` on a name in lower case."""
    return re.compile(patterns[dialect], re.IGNORECASE)
