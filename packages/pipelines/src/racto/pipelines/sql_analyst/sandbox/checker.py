"""The checker: reads analysis code before it runs, and says early and clearly what will not do.

It is a courtesy to whoever mends the code, and a first wall. The wall that holds is the process.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from racto.pipelines.errors import SandboxError, SandboxViolationError

from .imports import allowed_import, module_attribute
from .vocabulary import (
    ATTRIBUTES,
    CALLED,
    CARRIED,
    FORMAT_FIELD,
    INNER,
    LIBRARY_READERS,
    METHODS,
    NAMES,
    PLACES,
    REACHING_QUERY,
    READERS,
    READY,
    SPECIAL,
    TABLE_FUNCTION,
    UNDERSCORED,
    WRITERS,
)

_LONGEST = 50_000
_DEEPEST = 100
_MOST_NODES = 20_000
# Brackets and signs that open a level of the grammar; more than any table of numbers needs.
_MOST_OPEN = 150


def check_code(code: str, engine: str = "polars") -> None:
    """See that code keeps to what the sandbox hands out.

    Args:
        code: Python.
        engine: The library that it is written for.

    Raises:
        SandboxViolationError: If it does not, with the line, what stands there, and what may.
        SandboxError: If it is not Python.
    """
    tree = _parsed(code)
    _Checker(engine, tree).check()


def _parsed(code: str) -> ast.Module:
    if len(code) > _LONGEST:
        raise SandboxViolationError(
            f"the code has {len(code):,} characters and may have {_LONGEST:,}"
        )
    _check_brackets(code)
    try:
        tree = ast.parse(code)
    except SyntaxError as error:
        raise SandboxError(
            f"SyntaxError: {error.msg} (line {error.lineno}: {(error.text or '').strip()[:200]})"
        ) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise SandboxViolationError("the code is nested too deeply, or is no text") from error
    _check_size(tree)
    return tree


def _check_brackets(code: str) -> None:
    """Stop what would exhaust the parser's stack, before it is parsed."""
    level = signs = 0
    for character in code:
        # Those of texts count as well: a text closes what it opens, or nearly so.
        level += (character in "([{") - (character in ")]}")
        signs = signs + 1 if character in "-+~" else signs if character.isspace() else 0
        if level > _MOST_OPEN or signs > _MOST_OPEN:
            raise SandboxViolationError(f"the code is nested more than {_MOST_OPEN} levels deep")


def _check_size(tree: ast.Module) -> None:
    level: list[ast.AST] = [tree]
    seen = depth = 0
    while level:
        seen, depth = seen + len(level), depth + 1
        if depth > _DEEPEST or seen > _MOST_NODES:
            raise SandboxViolationError("the code is nested too deeply, or does too much at once")
        level = [child for node in level for child in ast.iter_child_nodes(node)]


class _Checker:
    def __init__(self, engine: str, tree: ast.Module) -> None:
        self._engine = engine
        self._tree = tree
        # What stands for a module: by name, its full name.
        self._modules = dict(READY)
        self._callees = {
            id(node.func): node for node in ast.walk(tree) if isinstance(node, ast.Call)
        }

    def check(self) -> None:
        # First all names, since a function may use an import that stands below it.
        for node in ast.walk(self._tree):
            self._learn(node)
        rules: dict[type[ast.AST], Callable[..., Iterator[str]]] = {
            ast.Import: self._import,
            ast.ImportFrom: self._import_from,
            ast.Attribute: self._attribute,
            ast.Name: self._name,
            ast.Call: self._call,
            ast.Constant: self._constant,
            ast.BinOp: self._sum,
            ast.FunctionDef: self._definition,
            ast.ClassDef: self._definition,
            ast.MatchClass: self._pattern,
            ast.arg: self._argument,
        }
        for node in ast.walk(self._tree):
            rule = rules.get(type(node))
            for reason in rule(node) if rule else self._other(node):
                line = getattr(node, "lineno", 0)
                source = ast.unparse(node).splitlines()[0][:120]
                raise SandboxViolationError(f"line {line}: `{source}`: {reason}")

    def _learn(self, node: ast.AST) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                full = alias.name if alias.asname else alias.name.partition(".")[0]
                self._modules[alias.asname or full] = full
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Name):
            known = self._modules.get(node.value.id)
            for target in node.targets:
                if known and isinstance(target, ast.Name):
                    self._modules[target.id] = known

    def _import(self, node: ast.Import) -> Iterator[str]:
        for alias in node.names:
            yield from allowed_import(alias.name, self._engine)

    def _import_from(self, node: ast.ImportFrom) -> Iterator[str]:
        module = node.module or ""
        # Relative imports have no module to be looked up.
        if node.level:
            yield "there is no package to import from"
        yield from allowed_import(module, self._engine)
        for alias in node.names:
            if alias.name == "*":
                yield "import the names that are needed, one by one"
            elif module != "__future__":
                yield from self._member(module, alias.name)
                yield from self._reach(alias.name)

    def _attribute(self, node: ast.Attribute) -> Iterator[str]:
        yield from self._reach(node.attr)
        if isinstance(node.value, ast.Name) and node.value.id in self._modules:
            yield from self._member(self._modules[node.value.id], node.attr)
        if node.attr in CARRIED and self._origin(node) in self._modules:
            yield f"{node.attr} is a module that the library uses itself"
        called = id(node) in self._callees or self._origin(node) in self._modules
        if node.attr in CALLED and called:
            yield f"{node.attr} reaches outside; the result goes into `result`"
        if node.attr in WRITERS:
            yield from self._writer(node)

    @staticmethod
    def _origin(node: ast.expr) -> str:
        """The name that a chain of attributes begins with."""
        # Of a column's name nothing is known, of a library's everything.
        while isinstance(node, ast.Attribute):
            node = node.value
        return node.id if isinstance(node, ast.Name) else ""

    def _member(self, module: str, name: str) -> Iterator[str]:
        if name in INNER.get(module, ()) or LIBRARY_READERS.fullmatch(name):
            yield f"{module}.{name} leads into the library's insides or into files"
        elif module not in INNER:
            yield from module_attribute(module, name)

    def _reach(self, name: str) -> Iterator[str]:
        if name.startswith("_") and name not in UNDERSCORED:
            yield f"{name} is private; use what the library documents"
        elif name in ATTRIBUTES or READERS.fullmatch(name):
            yield f"{name} reaches outside; the data is in `df`, and the result goes into `result`"

    def _writer(self, node: ast.Attribute) -> Iterator[str]:
        call = self._callees.get(id(node))
        given = [] if call is None else [*call.args, *_keyword_places(call)]
        # None in its place is how a text is asked for.
        if call is None or any(not _is_none(place) for place in given):
            yield f"{node.attr} may return a text here, and write to no place"

    def _name(self, node: ast.Name) -> Iterator[str]:
        if node.id in NAMES:
            yield f"{node.id} is not part of the sandbox"
        elif node.id.startswith("__") and node.id != "__name__":
            yield f"{node.id} is private to the interpreter"
        elif node.id in ("getattr", "hasattr", "attrgetter", "methodcaller"):
            yield from self._named_access(node)

    def _named_access(self, node: ast.expr) -> Iterator[str]:
        """Attributes by name: a text that stands there is checked as if it were written out."""
        call = self._callees.get(id(node))
        name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
        wanted = [] if call is None else call.args
        if name in ("getattr", "hasattr"):
            wanted = wanted[1:2]
        elif name == "methodcaller":
            wanted = wanted[:1]
        texts = [
            a.value for a in wanted if isinstance(a, ast.Constant) and isinstance(a.value, str)
        ]
        if not texts or len(texts) != len(wanted):
            yield f"{name} needs the attribute's name written out"
        for text in texts:
            for part in text.split("."):
                yield from self._reach(part)
                if part in WRITERS:
                    yield f"{part} may be called by its own name only"

    def _call(self, node: ast.Call) -> Iterator[str]:
        func = node.func
        if isinstance(func, ast.Name) and func.id == "type" and len(node.args) != 1:
            yield "type makes no classes here"
        if isinstance(func, ast.Attribute) and func.attr in ("attrgetter", "methodcaller"):
            yield from self._named_access(func)
        if isinstance(func, ast.Attribute) and func.attr in ("query", "eval"):
            for text in _texts(node):
                if REACHING_QUERY.search(text):
                    yield "a query may use values of the code (@name), and call nothing"

    def _constant(self, node: ast.Constant) -> Iterator[str]:
        if isinstance(node.value, str):
            yield from self._text(node.value)

    def _sum(self, node: ast.BinOp) -> Iterator[str]:
        # Texts put together, so that no half of a name hides.
        folded = _folded(node)
        if folded is not None:
            yield from self._text(folded)

    def _text(self, text: str) -> Iterator[str]:
        if SPECIAL.search(text) or FORMAT_FIELD.search(text):
            yield "a text that names what is private to the interpreter"
        elif TABLE_FUNCTION.search(text):
            yield "a query may read `df` and no file"
        elif text in ATTRIBUTES - _WORDS or text in WRITERS or READERS.fullmatch(text):
            yield f"the text {text!r} names what reaches outside"

    def _definition(self, node: ast.FunctionDef | ast.ClassDef) -> Iterator[str]:
        name = node.name
        if name in NAMES or (name.startswith("__") and name not in METHODS):
            yield f"{name} is not a name that the code may take"

    def _pattern(self, node: ast.MatchClass) -> Iterator[str]:
        for name in node.kwd_attrs:
            yield from self._reach(name)

    def _argument(self, node: ast.arg) -> Iterator[str]:
        if node.arg.startswith("__"):
            yield f"{node.arg} is not a name that the code may take"

    def _other(self, node: ast.AST) -> Iterator[str]:
        if isinstance(node, (ast.AsyncFunctionDef, ast.AsyncFor, ast.AsyncWith, ast.Await)):
            yield "there is no event loop in the sandbox"


# Names of refused attributes that are plain words too, as values of a column may be.
_WORDS = frozenset(("Catalog", "mro"))


def _keyword_places(call: ast.Call) -> Iterator[ast.expr]:
    for keyword in call.keywords:
        # Two stars may hide a place as well.
        if keyword.arg is None or keyword.arg in PLACES:
            yield keyword.value


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _texts(node: ast.AST) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            yield inner.value


def _folded(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _folded(node.left), _folded(node.right)
        return None if left is None or right is None else left + right
    return None
