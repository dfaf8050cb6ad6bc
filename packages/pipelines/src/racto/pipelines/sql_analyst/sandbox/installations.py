"""Where Python and the libraries lie on this machine: what the process reads while it loads."""

from __future__ import annotations

import functools
import sys
import sysconfig
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from racto.pipelines.errors import SandboxUnavailableError

# Each engine, and what its import may load from beside it.
_LIBRARIES = {
    "polars": ("polars", "_polars_runtime_32", "_polars_runtime_64", "_polars_runtime_compat"),
    "pandas": ("pandas", "pyarrow", "dateutil", "pytz", "six"),
}
_SHARED = ("numpy", "tzdata")
_SYSTEM = (
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/etc/ld.so.cache",
    "/usr/share/zoneinfo",
    # Facts about this process and the processors, which allocators ask for as they load.
    "/proc/self",
    "/proc/meminfo",
    "/proc/cpuinfo",
    "/sys/devices/system/cpu",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Installation:
    """What a process of one engine needs of this machine.

    Attributes:
        python: The interpreter.
        sites: Folders that its imports are looked up in, behind the standard library.
        readable: Files and folders that it may read until its lock falls.
        listable: Folders of which it may read the names.
    """

    python: str
    sites: tuple[str, ...]
    readable: tuple[str, ...]
    listable: tuple[str, ...]


@functools.lru_cache(maxsize=4)
def installation(engine: str) -> Installation:
    """Look an engine and the interpreter up, without importing anything.

    Args:
        engine: ``"polars"`` or ``"pandas"``.

    Raises:
        SandboxUnavailableError: If there is no interpreter to start.
    """
    python = sys.executable
    if not python:
        raise SandboxUnavailableError(
            "there is no Python to start: sys.executable names none (an embedded interpreter?)"
        )
    sites: dict[str, None] = {}
    libraries: list[str] = []
    for name in (*_LIBRARIES[engine], *_SHARED):
        for place in _places(name):
            sites[str(place.parent)] = None
            libraries += [str(place), f"{place}.libs"]
    prefixes = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib")}
    prefixes |= {str(Path(sys.base_prefix, "lib")), str(Path(sys.base_exec_prefix, "lib"))}
    return Installation(
        python=python,
        sites=tuple(sites),
        readable=(*sorted(prefixes), *libraries, *_SYSTEM),
        listable=tuple(sites),
    )


def _places(name: str) -> list[Path]:
    try:
        spec = find_spec(name)
    except (ImportError, ValueError):
        return []
    if spec is None:
        return []
    folders = spec.submodule_search_locations
    found = list(folders) if folders else [spec.origin] if spec.origin else []
    return [Path(place) for place in found if place]
