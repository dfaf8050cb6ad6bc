"""What one query may cost: rows, bytes, seconds, and the cost that the planner expects."""

from __future__ import annotations

from dataclasses import dataclass

from racto.core.errors import ConfigurationError


@dataclass(frozen=True, kw_only=True, slots=True)
class QueryLimits:
    """Bounds of one query; 0 rows or bytes means no bound, and there is always one on time.

    Args:
        max_rows: Most rows to fetch; the rest stays in the database and ``truncated`` is set.
        max_bytes: Most bytes of values to fetch, counted as text and binary lengths and 8 bytes
            for everything else; at least one row comes back.
        timeout_s: Seconds until the statement is stopped, in the database and here.
        lock_timeout_s: Seconds to wait for a lock, where the database has such a setting.
        connect_timeout_s: Seconds to wait for a connection.
        max_plan_cost: Highest cost that the planner may expect, in the database's own unit
            (rows, where it has none); None asks no plan.
        memory_bytes: Memory that an embedded database (DuckDB, SQLite's one value) may take.

    Raises:
        ConfigurationError: If a bound is negative, or there is none on time.
    """

    max_rows: int = 10_000
    max_bytes: int = 64 * 1024 * 1024
    timeout_s: float = 30.0
    lock_timeout_s: float = 5.0
    connect_timeout_s: float = 10.0
    max_plan_cost: float | None = None
    memory_bytes: int = 512 * 1024 * 1024

    def __post_init__(self) -> None:
        for name in ("max_rows", "max_bytes", "memory_bytes"):
            if getattr(self, name) < 0:
                raise ConfigurationError(f"{name} is {getattr(self, name)}, and may not be below 0")
        for name in ("timeout_s", "lock_timeout_s", "connect_timeout_s"):
            if not getattr(self, name) > 0:
                raise ConfigurationError(f"{name} is {getattr(self, name)}, and must be above 0")
        if self.max_plan_cost is not None and not self.max_plan_cost > 0:
            raise ConfigurationError(f"max_plan_cost is {self.max_plan_cost}; None means no bound")
