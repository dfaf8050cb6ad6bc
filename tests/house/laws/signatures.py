"""Laws on signatures: annotated, twinned, keyword-only and frozen, few positional parameters."""

from __future__ import annotations

import ast
from pathlib import Path

from laws.exemptions import ASYNC_BY_REFERENCE, FIXED_BY_REFERENCE, POSITIONAL_DATA
from laws.report import Report
from laws.source import (
    Definition,
    Family,
    Function,
    Room,
    called,
    decorators,
    is_overload,
    public,
    rooms,
)

MOST_POSITIONAL = 2
CONFIG_ENDINGS = ("Config", "Settings", "Options", "Policy")


def annotated(root: Path) -> Report:
    """Each public function and method says what it takes and what it returns."""
    report = Report()
    for room in rooms(root):
        for found in public(room):
            if isinstance(found.node, ast.ClassDef):
                continue
            report.seen += 1
            if missing := _unannotated(found.node, is_method=found.owner is not None):
                report.add(found.where, f"has no annotation for {', '.join(missing)}")
    return report


def _unannotated(node: Function, *, is_method: bool) -> list[str]:
    spec = node.args
    positional = [*spec.posonlyargs, *spec.args]
    if is_method and "staticmethod" not in decorators(node):
        positional = positional[1:]
    extra = [entry for entry in (spec.vararg, spec.kwarg) if entry]
    everything = [*positional, *spec.kwonlyargs, *extra]
    missing = [entry.arg for entry in everything if entry.annotation is None]
    return missing + (["its result"] if node.returns is None else [])


def _parameters(node: Function) -> str:
    """Return the parameters as they are written, without a leading self or cls."""
    text = ast.unparse(node.args)
    for first in ("self", "cls"):
        if text == first or text.startswith(f"{first},"):
            text = text[len(first) :].lstrip(", ")
    return text.replace("Awaitable", "").replace("Async", "")


def twins(root: Path) -> Report:
    """Where there is ``ax`` there is ``x`` with the same parameters, and what blocks has both."""
    report = Report()
    for room in rooms(root):
        scopes: dict[str, list[Definition]] = {}
        for found in public(room):
            if isinstance(found.node, Function) and not is_overload(found.node):
                scopes.setdefault(found.owner.name if found.owner else "", []).append(found)
        for owner, members in scopes.items():
            report.seen += len(members)
            # `AsyncSQLAnalystPipeline` and its like are the reference's dialect of the law.
            if owner not in ASYNC_BY_REFERENCE and not owner.startswith("Async"):
                _check_twins(members, _assigned(room, members[0]), report)
    return report


def _assigned(room: Room, member: Definition) -> set[str]:
    """Return the names that are assigned beside a member, as in ``aadd = threaded(add)``."""
    body = member.owner.body if member.owner else room.tree.body
    targets = [t for node in body if isinstance(node, ast.Assign) for t in node.targets]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _check_twins(members: list[Definition], assigned: set[str], report: Report) -> None:
    by_name = {found.node.name: found for found in members}
    for name, found in by_name.items():
        node = found.node
        assert isinstance(node, Function)
        if "property" in decorators(node):
            continue
        twin = by_name.get(f"a{name}")
        if twin is not None and isinstance(twin.node, Function):
            ours, theirs = _parameters(node), _parameters(twin.node)
            if ours != theirs:
                report.add(found.where, f"takes ({ours}) and its twin takes ({theirs})")
        elif _blocks(node) and f"a{name}" not in assigned:
            report.add(found.where, f"blocks, and has no async twin a{name}")
        if isinstance(node, ast.AsyncFunctionDef) and name.startswith("a"):
            if name[1:] not in by_name.keys() | assigned:
                report.add(found.where, f"is async, and has no blocking twin {name[1:]}")
        elif isinstance(node, ast.AsyncFunctionDef):
            report.add(found.where, "is async, and its name does not start with an a")


def _blocks(node: Function) -> bool:
    """Whether a function drives a flow to its end without an event loop."""
    if isinstance(node, ast.AsyncFunctionDef):
        return False
    drives = (call for call in ast.walk(node) if isinstance(call, ast.Call))
    return any(isinstance(call.func, ast.Name) and call.func.id == "run" for call in drives)


def frozen(root: Path) -> Report:
    """Public dataclasses and configs are frozen, and dataclasses are keyword-only."""
    report = Report()
    found = rooms(root)
    family = Family.of(found)
    for room in found:
        for entry in public(room):
            if not isinstance(entry.node, ast.ClassDef):
                continue
            report.seen += 1
            if "dataclass" in decorators(entry.node):
                _check_dataclass(entry, entry.node, report)
            elif _is_config(entry.node, family):
                _check_config(entry, family.lineage(entry.node), report)
    return report


def _is_config(node: ast.ClassDef, family: Family) -> bool:
    return node.name.endswith(CONFIG_ENDINGS) and "BaseModel" in family.base_names(node)


def _check_dataclass(entry: Definition, node: ast.ClassDef, report: Report) -> None:
    given: dict[str, object] = {}
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and called(decorator) == "dataclass":
            given = {
                str(word.arg): word.value.value
                for word in decorator.keywords
                if isinstance(word.value, ast.Constant)
            }
    wanted = {"frozen"} if node.name in POSITIONAL_DATA else {"frozen", "kw_only"}
    for option in sorted(wanted):
        if given.get(option) is not True:
            report.add(entry.where, f"is a public dataclass without {option}=True")


def _check_config(entry: Definition, lineage: list[ast.ClassDef], report: Report) -> None:
    if not any(_freezes(node) for node in lineage):
        report.add(entry.where, "is a configuration that can be changed; freeze its model_config")


def _freezes(node: ast.ClassDef) -> bool:
    words = [*node.keywords]
    for statement in node.body:
        value = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
        if isinstance(value, ast.Call) and called(value) == "ConfigDict":
            words += value.keywords
    return any(
        word.arg == "frozen" and isinstance(word.value, ast.Constant) and word.value.value is True
        for word in words
    )


def few_positional(root: Path) -> Report:
    """A service takes at most two positional parameters; the others are keyword-only."""
    report = Report()
    found = rooms(root)
    family = Family.of(found)
    for room in found:
        for entry in public(room):
            node = entry.node
            if not isinstance(node, ast.ClassDef) or _is_not_service(node, family):
                continue
            report.seen += 1
            count = _positional(node)
            if count > MOST_POSITIONAL and node.name not in FIXED_BY_REFERENCE:
                report.add(entry.where, f"takes {count} positional parameters, and may take two")
    return report


def _is_not_service(node: ast.ClassDef, family: Family) -> bool:
    bases = family.base_names(node)
    data = {"BaseModel", "Exception", "NamedTuple", "TypedDict", "Enum", "StrEnum"}
    return bool(bases & data) or any(name.endswith(("Error", "Warning")) for name in bases)


def _positional(node: ast.ClassDef) -> int:
    for inner in node.body:
        if isinstance(inner, ast.FunctionDef) and inner.name == "__init__":
            return len(inner.args.posonlyargs) + len(inner.args.args) - 1
    return 0
