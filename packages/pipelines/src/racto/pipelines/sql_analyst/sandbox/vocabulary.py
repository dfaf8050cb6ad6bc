"""What analysis code may name and what it may not: data of the checker."""

from __future__ import annotations

import re

STANDARD = frozenset(
    [
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
        "__future__",
    ]
)
"""Modules of the standard library, all of which are loaded before the lock falls."""

LIBRARIES = {
    "polars": frozenset(("polars", "polars.selectors", "numpy", "numpy.linalg", "numpy.random")),
    "pandas": frozenset(
        (
            "pandas",
            "pandas.api.types",
            "pandas.tseries.offsets",
            "numpy",
            "numpy.linalg",
            "numpy.random",
        )
    ),
}
"""By engine, the modules of libraries that may be imported."""

READY = {"pl": "polars", "pd": "pandas", "np": "numpy"}
"""Names that stand for libraries without an import."""

# Those that run texts, open files, or hand out a namespace to change.
NAMES = frozenset(
    [
        "breakpoint",
        "compile",
        "delattr",
        "eval",
        "exec",
        "exit",
        "globals",
        "help",
        "input",
        "locals",
        "memoryview",
        "open",
        "quit",
        "setattr",
        "vars",
        "copyright",
        "credits",
        "license",
    ]
)
"""Builtins that analysis has no use for."""

# The interpreter's own insides: frames, code and what hangs on them.
_INSIDES = (
    "ag_frame ag_code cr_frame cr_code cr_await gi_frame gi_code gi_yieldfrom f_back f_builtins "
    "f_code f_globals f_locals f_trace tb_frame tb_next tb_lasti co_code co_consts co_names "
    "func_code func_globals mro with_traceback"
)
CARRIED = frozenset(
    [
        "builtins",
        "codecs",
        "ctypes",
        "ctypeslib",
        "f2py",
        "gc",
        "importlib",
        "inspect",
        "linecache",
        "marshal",
        "multiprocessing",
        "os",
        "pathlib",
        "pickle",
        "platform",
        "posix",
        "pwd",
        "resource",
        "runpy",
        "shutil",
        "signal",
        "socket",
        "ssl",
        "subprocess",
        "sys",
        "sysconfig",
        "tempfile",
        "threading",
        "urllib",
        "zipimport",
    ]
)
"""Modules that libraries carry along as attributes; a frame may have a column of that name."""

CALLED = frozenset(
    [
        "system",
        "popen",
        "fork",
        "kill",
        "killpg",
        "execv",
        "execve",
        "spawnl",
        "spawnv",
        "putenv",
        "dlopen",
        "dump",
        "remote",
        "serialize",
        "save",
        "get_data",
    ]
)
"""Attributes that are refused where they are called; a frame may have a column of that name."""

_INPUT_OUTPUT = (
    "DataSource ExcelFile ExcelWriter HDFStore Catalog CredentialProvider deserialize fromfile "
    "fromregex genfromtxt load_from_file loadtxt memmap open_memmap register_plugin "
    "register_plugin_function register_io_source save_to_file savefig savetxt savez savez_compressed "
    "show_versions to_clipboard to_excel to_feather to_gbq to_hdf to_iceberg to_orc to_parquet "
    "to_pickle to_sql to_stata to_xarray tofile write_avro write_clipboard write_database "
    "write_delta write_excel write_iceberg write_ipc write_ipc_stream write_parquet"
)

ATTRIBUTES = frozenset(f"{_INSIDES} {_INPUT_OUTPUT}".split())
"""Attributes that are refused on anything."""

# By format: a frame may well have a column ``read_count`` or ``scan_time``.
_FORMATS = (
    "avro|clipboard|csv|csv_batched|cloud|database|database_uri|delta|excel|feather|fwf|gbq|hdf|"
    "html|iceberg|ipc|ipc_schema|ipc_stream|json|lines|ndjson|ods|orc|parquet|parquet_metadata|"
    "parquet_schema|pickle|pyarrow_dataset|sas|spss|sql|sql_query|sql_table|stata|table|xml|batches"
)
READERS = re.compile(rf"(read|scan|sink)_({_FORMATS})|from_buffer|dump_to_file")
"""Attributes that read from a place, or write to one."""

LIBRARY_READERS = re.compile(r"(read|scan|sink)_\w+")
"""The same of a library itself, which has no columns: those of releases to come, too."""

# A model often wants a table as text, so these are not refused outright.
WRITERS = frozenset(
    [
        "to_csv",
        "to_html",
        "to_json",
        "to_latex",
        "to_markdown",
        "to_string",
        "to_xml",
        "write_csv",
        "write_json",
        "write_ndjson",
    ]
)
"""Methods that return a text unless they are given a place."""

PLACES = frozenset(("path_or_buf", "path_or_buffer", "path", "buf", "buffer", "file", "fname"))
"""Names of the parameter that gives them one."""

OFFERS = {
    "time": frozenset(
        [
            "altzone",
            "asctime",
            "ctime",
            "daylight",
            "gmtime",
            "localtime",
            "mktime",
            "monotonic",
            "monotonic_ns",
            "perf_counter",
            "perf_counter_ns",
            "process_time",
            "sleep",
            "strftime",
            "strptime",
            "struct_time",
            "time",
            "time_ns",
            "timezone",
            "tzname",
        ]
    ),
}
"""Modules that list nothing themselves, and what of them is offered."""

WITHHELD = {
    "string": frozenset(("Formatter",)),
    "typing": frozenset(("get_type_hints", "ForwardRef")),
}
"""What modules list, and what evaluates texts or reaches attributes by them."""

# Read off the libraries' own namespaces: what is neither a function nor a documented module.
INNER = {
    "polars": frozenset(["api", "catalog", "interchange", "io", "plugins", "testing"]),
    "pandas": frozenset(
        ["arrays", "compat", "core", "errors", "eval", "io", "plotting", "test", "testing", "util"]
    ),
    "numpy": frozenset(
        [
            "core",
            "lib",
            "load",
            "testing",
            "distutils",
            "frombuffer",
            "ctypeslib",
            "compat",
            "random_intel",
        ]
    ),
}
"""Attributes of libraries that lead to their insides, or into files."""

UNDERSCORED = frozenset(("_", "_asdict", "_replace", "_fields", "_make"))
"""Private names that are public in truth."""

# Without those that the interpreter calls on attribute access or subclassing.
METHODS = frozenset(
    [
        "__init__",
        "__post_init__",
        "__repr__",
        "__str__",
        "__eq__",
        "__ne__",
        "__lt__",
        "__le__",
        "__gt__",
        "__ge__",
        "__hash__",
        "__len__",
        "__iter__",
        "__next__",
        "__contains__",
        "__getitem__",
        "__call__",
        "__add__",
        "__sub__",
        "__mul__",
        "__truediv__",
        "__neg__",
        "__abs__",
        "__bool__",
        "__enter__",
        "__exit__",
    ]
)
"""Special methods that a class of the code may define, and may not call by name."""

# A format text reaches attributes without any syntax that the tree would show.
FORMAT_FIELD = re.compile(r"\{[^{}]*[.\[]\s*_")
"""A place of a format text that reaches for a private attribute."""

SPECIAL = re.compile(
    r"__(abstractmethods|annotations|base|bases|builtins|call|class|closure|code|defaults|dict|"
    r"doc|func|getattr|getattribute|globals|import|init|init_subclass|loader|module|mro|name|new|"
    r"reduce|reduce_ex|self|setattr|setstate|slots|spec|subclasses|traceback|wrapped)__"
)
"""A special name inside of a text that opens the interpreter."""

TABLE_FUNCTION = re.compile(r"\b(read|scan)_(csv|parquet|ipc|json|ndjson|excel|avro)\s*\(", re.I)
"""A file read by a query."""

REACHING_QUERY = re.compile(r"@\s*\w+\s*[.(\[]")
"""A place of a pandas query that calls something of the code, or looks into it."""
