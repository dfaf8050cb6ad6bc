"""Laws on where files lie: one portion a distribution, one name in three spellings, noun rooms."""

from __future__ import annotations

import ast
from pathlib import Path

from distributions import Distribution, distributions
from laws.report import Report
from laws.source import called, rooms

BANNED_ROOMS = {"utils", "util", "helpers", "helper", "base", "common", "misc", "types"}
LONGEST_INIT_FUNCTION = 15


def one_portion(root: Path) -> Report:
    """A distribution has one py.typed, beside an ``__init__.py``, with neither above it."""
    report = Report()
    for entry in distributions(root):
        report.seen += 1
        markers = sorted(entry.source.rglob("py.typed"))
        if len(markers) != 1:
            report.add(entry.folder.name, f"has {len(markers)} py.typed, and needs exactly one")
        _check_strays(entry, report)
    return report


def _check_strays(entry: Distribution, report: Report) -> None:
    portion = entry.portion
    if not (portion / "__init__.py").is_file():
        report.add(entry.folder.name, "its portion has no __init__.py beside py.typed")
    above = [parent for parent in portion.parents if parent.is_relative_to(entry.source)]
    for parent in [entry.source, *above]:
        if parent == portion:
            continue
        for stray in sorted(parent.glob("*.py")):
            report.add(stray.relative_to(entry.folder), "lies above the portion; hides siblings")
    for folder in sorted({path.parent for path in entry.files()}):
        inside = folder.is_relative_to(portion)
        if inside and not (folder / "__init__.py").is_file():
            report.add(folder.relative_to(entry.folder), "is a package without __init__.py")
        if not inside and folder not in [entry.source, *above]:
            report.add(folder.relative_to(entry.folder), "is a second portion")


def three_spellings(root: Path) -> Report:
    """``racto-stores-qdrant``, ``racto.stores.qdrant`` and ``packages/stores_qdrant`` agree."""
    report = Report()
    for entry in distributions(root):
        report.seen += 1
        spelled = f"racto-{entry.folder.name.replace('_', '-')}"
        if entry.name != spelled:
            report.add(entry.folder.name, f"is named {entry.name!r}, and should be {spelled!r}")
        dotted = spelled.replace("-", ".")
        if entry.import_name != dotted:
            report.add(entry.folder.name, f"is imported as {entry.import_name!r}, not {dotted!r}")
    return report


def noun_rooms(root: Path) -> Report:
    """No file or folder is called by a name that says nothing, such as ``utils``."""
    report = Report()
    for room in rooms(root):
        report.seen += 1
        parts = {part.strip("_") for part in room.module.split(".")}
        for word in sorted(parts & BANNED_ROOMS):
            report.add(room.where, f"is called {word!r}, which does not say what is in it")
    return report


def bare_inits(root: Path) -> Report:
    """An ``__init__.py`` re-exports, lazily where wanted, and does nothing else."""
    report = Report()
    for room in rooms(root):
        if room.path.name != "__init__.py":
            continue
        report.seen += 1
        for node in room.tree.body:
            if not _is_re_export(node):
                report.add(f"{room.where}:{node.lineno}", "is logic in an __init__.py")
    return report


def _is_re_export(node: ast.stmt) -> bool:
    if isinstance(node, ast.Import | ast.ImportFrom):
        return True
    if isinstance(node, ast.If):
        kept = [*node.body, *node.orelse]
        return called(node.test) == "TYPE_CHECKING" and all(map(_is_re_export, kept))
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.FunctionDef):
        lines = (node.end_lineno or 0) - node.lineno + 1
        return node.name in {"__getattr__", "__dir__"} and lines <= LONGEST_INIT_FUNCTION
    if isinstance(node, ast.Assign | ast.AnnAssign):
        return node.value is not None and _is_table(node)
    return False


def _is_table(node: ast.Assign | ast.AnnAssign) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    names = {n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)}
    # A helper may make the lazy hooks: `__getattr__, __dir__ = lazy_exports(__name__, {...})`.
    if names <= {"__getattr__", "__dir__", "__all__"}:
        return True
    value = node.value
    literal = (ast.Constant, ast.Dict, ast.List, ast.Tuple, ast.Set)
    inner = (*literal, ast.expr_context)
    return isinstance(value, literal) and all(isinstance(n, inner) for n in ast.walk(value))


def lazy_names_in_step(root: Path) -> Report:
    """What an ``__init__.py`` loads lazily and what it shows to type checkers are the same names."""
    report = Report()
    for room in rooms(root):
        if room.path.name != "__init__.py":
            continue
        report.seen += 1
        loaded, shown = _lazy_names(room.tree), _shown_names(room.tree)
        if loaded is None:
            continue
        for name in sorted(loaded - shown):
            report.add(room.where, f"loads {name} lazily and hides it from type checkers")
        for name in sorted(shown - loaded):
            report.add(room.where, f"shows {name} to type checkers and cannot load it")
    return report


def _lazy_names(tree: ast.Module) -> set[str] | None:
    """Return ``room.name`` for each name in the table given to ``lazily``; None without one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called(node) == "lazily" and len(node.args) == 2:
            table: dict[str, str] = ast.literal_eval(node.args[1])
            return {f"{room}.{name}" for room, names in table.items() for name in names.split()}
    return None


def _shown_names(tree: ast.Module) -> set[str]:
    """Return ``room.name`` for each relative import under ``if TYPE_CHECKING``."""
    guarded = [n for n in tree.body if isinstance(n, ast.If) and called(n.test) == "TYPE_CHECKING"]
    found = (inner for node in guarded for inner in node.body)
    return {
        f"{inner.module}.{alias.name}"
        for inner in found
        if isinstance(inner, ast.ImportFrom) and inner.level == 1
        for alias in inner.names
    }
