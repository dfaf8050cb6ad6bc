"""Source files as syntax trees: what is public, what is imported and where, who derives from whom."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from distributions import Distribution, distributions

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Room:
    """One Python file of one distribution."""

    path: Path
    owner: Distribution

    @cached_property
    def text(self) -> str:
        """The file's content."""
        return self.path.read_text("utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed file."""
        return ast.parse(self.text, str(self.path))

    @property
    def where(self) -> str:
        """Its path from the workspace's root."""
        return self.path.relative_to(self.owner.folder.parent.parent).as_posix()

    @property
    def module(self) -> str:
        """The name it is imported under."""
        parts = list(self.path.relative_to(self.owner.source).with_suffix("").parts)
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def is_public(self) -> bool:
        """Whether no part of its import name starts with an underscore."""
        return not any(part.startswith("_") for part in self.module.split("."))


@dataclass(frozen=True)
class Definition:
    """A function, method or class that a user can reach by public names alone."""

    room: Room
    node: Function | ast.ClassDef
    owner: ast.ClassDef | None = None

    @property
    def name(self) -> str:
        """Dotted name below the module, such as ``Store.search``."""
        return f"{self.owner.name}.{self.node.name}" if self.owner else self.node.name

    @property
    def where(self) -> str:
        """File, line and name, for a message."""
        return f"{self.room.where}:{self.node.lineno} {self.name}"


@dataclass(frozen=True)
class Import:
    """One imported module, made absolute."""

    module: str
    line: int
    lazy: bool
    typing_only: bool


def rooms(root: Path) -> list[Room]:
    """Return every source file of every distribution below ``root``."""
    return [Room(path, entry) for entry in distributions(root) for path in entry.files()]


def blocks(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of a body and of its ``if`` and ``try`` blocks."""
    for node in body:
        yield node
        for part in ("body", "orelse", "finalbody"):
            if isinstance(node, ast.If | ast.Try | ast.With):
                yield from blocks(getattr(node, part, []))


def public(room: Room) -> Iterator[Definition]:
    """Yield the public functions and classes of a room, and the public methods of those classes."""
    if not room.is_public:
        return
    for node in blocks(room.tree.body):
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            yield Definition(room, node)
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            for inner in node.body:
                if isinstance(inner, Function) and not inner.name.startswith("_"):
                    yield Definition(room, inner, node)


def called(node: ast.AST) -> str:
    """Return the last name of a name, attribute, call or subscript; empty for anything else."""
    if isinstance(node, ast.Call):
        return called(node.func)
    if isinstance(node, ast.Subscript):
        return called(node.value)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def decorators(node: Function | ast.ClassDef) -> set[str]:
    """Return the last names of a definition's decorators."""
    return {called(entry) for entry in node.decorator_list}


def is_overload(node: Function) -> bool:
    """Whether the definition is a typing overload or the setter or deleter of a property."""
    return bool(decorators(node) & {"overload", "setter", "deleter"})


def imports(room: Room) -> list[Import]:
    """Return every import of a room, wherever it stands, ``import_module("...")`` included."""
    found: list[Import] = []
    _collect(room, room.tree, found, lazy=False, typing_only=False)
    return found


def _collect(
    room: Room, node: ast.AST, found: list[Import], *, lazy: bool, typing_only: bool
) -> None:
    line = getattr(node, "lineno", 0)
    found += [Import(name, line, lazy, typing_only) for name in _imported(room, node)]
    inside = lazy or isinstance(node, Function | ast.Lambda)
    if isinstance(node, ast.If) and called(node.test) == "TYPE_CHECKING":
        for guarded in node.body:
            _collect(room, guarded, found, lazy=inside, typing_only=True)
        for other in node.orelse:
            _collect(room, other, found, lazy=inside, typing_only=typing_only)
        return
    for child in ast.iter_child_nodes(node):
        _collect(room, child, found, lazy=inside, typing_only=typing_only)


def _imported(room: Room, node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        base = _absolute(room, node)
        # `from racto import rag` names a sibling only in what it imports.
        return [f"{base}.{alias.name}" for alias in node.names] if base == "racto" else [base]
    if isinstance(node, ast.Call) and called(node) in {"import_module", "__import__"}:
        texts = [a.value for a in node.args[:1] if isinstance(a, ast.Constant)]
        return [text for text in texts if isinstance(text, str) and not text.startswith(".")]
    return []


def _absolute(room: Room, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = room.module.split(".")
    if room.path.name != "__init__.py":
        package = package[:-1]
    kept = package[: len(package) - node.level + 1]
    return ".".join([*kept, *([node.module] if node.module else [])])


@dataclass
class Family:
    """All classes of the workspace by name, to follow inheritance without importing anything."""

    classes: dict[str, list[ast.ClassDef]]

    @classmethod
    def of(cls, found: list[Room]) -> Family:
        """Collect the classes of these rooms."""
        classes: dict[str, list[ast.ClassDef]] = {}
        for room in found:
            for node in ast.walk(room.tree):
                if isinstance(node, ast.ClassDef):
                    classes.setdefault(node.name, []).append(node)
        return cls(classes)

    def lineage(self, node: ast.ClassDef) -> list[ast.ClassDef]:
        """Return the class and all its ancestors that the workspace defines."""
        seen: list[ast.ClassDef] = []
        waiting = [node]
        while waiting:
            current = waiting.pop(0)
            if current in seen:
                continue
            seen.append(current)
            for base in current.bases:
                waiting += self.classes.get(called(base), [])
        return seen

    def base_names(self, node: ast.ClassDef) -> set[str]:
        """Return the names of all ancestors, those from elsewhere included."""
        return {called(base) for entry in self.lineage(node) for base in entry.bases}
