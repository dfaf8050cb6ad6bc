"""Everything that analysis code may import, loaded before the lock falls: after it no file opens."""

from __future__ import annotations

import importlib
import io
import os
import sys
import zoneinfo
from pathlib import Path
from types import ModuleType
from typing import IO, Any

# Kept small on purpose: each is loaded at every start.
STANDARD = [
    "abc",
    "bisect",
    "calendar",
    "cmath",
    "collections",
    "collections.abc",
    "contextlib",
    "copy",
    "dataclasses",
    "datetime",
    "decimal",
    "difflib",
    "enum",
    "fractions",
    "functools",
    "heapq",
    "itertools",
    "json",
    "math",
    "numbers",
    "operator",
    "pprint",
    "random",
    "re",
    "statistics",
    "string",
    "textwrap",
    "time",
    "typing",
    "unicodedata",
    "warnings",
    "zoneinfo",
    "_strptime",
    "encodings.latin_1",
    "encodings.ascii",
    "encodings.utf_16",
    "encodings.utf_32",
    "encodings.cp1252",
    "encodings.idna",
]

# What the libraries import inside their functions; names that a version lacks are passed over.
_NUMPY = "numpy numpy.fft numpy.linalg numpy.ma numpy.polynomial numpy.random"
_LATE = {
    "polars": f"{_NUMPY} polars.selectors polars._utils.udfs",
    "pandas": (
        f"{_NUMPY} pyarrow pyarrow.compute pyarrow.ipc pyarrow.pandas_compat "
        "pyarrow.vendored.version pandas.api.types "
        "pandas.core.arrays.arrow._arrow_utils pandas.core.arrays.arrow.extension_types "
        "pandas.core.indexers.objects pandas.core.methods.describe pandas.core.methods.select "
        "pandas.core.methods.selectn pandas.core.methods.to_dict pandas.core.reshape.api "
        "pandas.core.reshape.reshape pandas.core.computation.api pandas.core.computation.eval "
        "pandas.io.formats.csvs pandas.io.formats.html pandas.io.formats.string "
        "pandas.tseries.offsets"
    ),
}


def load(engine: str) -> dict[str, ModuleType]:
    """Import an engine and what goes with it.

    Args:
        engine: ``"polars"`` or ``"pandas"``.

    Returns:
        Modules by the short names that analysis code finds ready.

    Raises:
        ImportError: If the engine itself is not installed.
    """
    main = importlib.import_module(engine)
    for name in (*_LATE[engine].split(), *STANDARD):
        _try(name)
    _keep_zones()
    ready = {"polars": {"pl": main}, "pandas": {"pd": main}}[engine]
    if "numpy" in sys.modules:
        ready["np"] = sys.modules["numpy"]
    return ready


def _try(name: str) -> None:
    try:
        importlib.import_module(name)
    except ImportError:
        # Numpy beside polars is a choice; so is a module that a later release has moved.
        return


def close() -> None:
    """Make an import of anything else fail at once, with a plain ModuleNotFoundError."""
    sys.path.clear()
    sys.path_importer_cache.clear()
    sys.path_hooks.clear()


def _keep_zones() -> None:
    """Hold every time zone in memory, and let zoneinfo find them there."""
    zones = _zones()

    def load_tzdata(key: str) -> IO[bytes]:
        if key not in zones:
            raise zoneinfo.ZoneInfoNotFoundError(f"no time zone {key!r}")
        return io.BytesIO(zones[key])

    common: Any = importlib.import_module("zoneinfo._common")
    # Asked when no file is found, as none will be behind the lock.
    common.load_tzdata = load_tzdata


def _zones() -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    roots = [*map(Path, zoneinfo.TZPATH), *(Path(path, "tzdata", "zoneinfo") for path in sys.path)]
    root = next((path for path in roots if path.is_dir()), None)
    for folder, inner, names in os.walk(root) if root else ():
        # Copies of all zones, with and without leap seconds.
        inner[:] = [name for name in inner if name not in ("posix", "right", "__pycache__")]
        for name in names:
            if name[:1].isupper() and "." not in name:
                place = Path(folder, name)
                found[place.relative_to(root or "").as_posix()] = place.read_bytes()
    return found
