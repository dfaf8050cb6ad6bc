"""The server's settings that every connection of a store carries."""

from __future__ import annotations

from typing import Literal, TypeAlias

from racto.core.errors import ConfigurationError

from .layout import IndexMethod
from .tasks import check_range

IterativeScan: TypeAlias = Literal["relaxed_order", "strict_order", "off"]
"""Whether an index goes on while a filter leaves too few, and in which order."""


def settings_of(
    *,
    index: IndexMethod | None,
    hnsw_ef_search: int,
    hnsw_max_scan_tuples: int,
    ivfflat_probes: int,
    iterative_scan: IterativeScan,
    statement_timeout: float,
) -> dict[str, str]:
    """Names and values for ``set_config``, from the parameters of the store.

    Raises:
        ConfigurationError: If one is out of range.
    """
    check_range("hnsw_ef_search", hnsw_ef_search, 1, 1000)
    check_range("hnsw_max_scan_tuples", hnsw_max_scan_tuples, 1, 2**31 - 1)
    check_range("ivfflat_probes", ivfflat_probes, 1, 32_768)
    check_range("statement_timeout", statement_timeout, 0.001, 2_000_000)
    if iterative_scan not in ("relaxed_order", "strict_order", "off"):
        raise ConfigurationError(
            f"iterative_scan={iterative_scan!r} is unknown; use relaxed_order, strict_order or off"
        )
    settings = {"statement_timeout": str(max(1, round(statement_timeout * 1000)))}
    if index == "hnsw":
        settings["hnsw.ef_search"] = str(hnsw_ef_search)
        settings["hnsw.max_scan_tuples"] = str(hnsw_max_scan_tuples)
        settings["hnsw.iterative_scan"] = iterative_scan
    elif index == "ivfflat":
        settings["ivfflat.probes"] = str(ivfflat_probes)
        # The order of its lists is the only one that it can go on in.
        settings["ivfflat.iterative_scan"] = "off" if iterative_scan == "off" else "relaxed_order"
    return settings
