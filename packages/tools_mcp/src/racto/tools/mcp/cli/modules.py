"""What ``serve`` is pointed at: a module is imported, and what it offers becomes a server."""

from __future__ import annotations

import difflib
import importlib
import inspect
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from racto.core import ToolRegistry
from racto.core.errors import RactoGatewayError
from racto.tools.mcp.server import RactoMCPServer

from .exits import CommandError

_NAMES: Final = ("server", "registry", "tools")
_KINDS: Final = (
    "a ToolRegistry, a RactoMCPServer, a function, a list of functions, or a module with @tool "
    "functions"
)


def server_of(target: str, *, name: str | None = None, **options: Any) -> RactoMCPServer:
    """The server of ``module:attribute``.

    Args:
        target: What to serve.
        name: Name that clients see; the module's when None.
        **options: Further parameters of the server.

    Raises:
        CommandError: If there is no such thing, it is of the wrong kind, it fails, or it is a
            server already, which has its own name and options.
    """
    module_name, _, attribute = target.partition(":")
    with output_diverted():
        module = _imported(module_name)
        found = _attribute(module, attribute) if attribute else _offered(module)
    if isinstance(found, RactoMCPServer):
        _check_unset(target, {"name": name, **options})
        return found
    # Told apart in a client's list by where it comes from, if nobody says better.
    server = RactoMCPServer(name or module.__name__.rpartition(".")[2], **options)
    try:
        for one in _tools_in(found, target):
            if isinstance(one, ToolRegistry):
                server.add_registry(one)
            else:
                server.add_tool(one)
    except RactoGatewayError as error:
        raise CommandError(f"{target} cannot be served: {error.message}") from error
    return server


def _check_unset(target: str, options: dict[str, Any]) -> None:
    given = [key for key, value in options.items() if value is not None]
    if given:
        raise CommandError(
            f"{target} is a RactoMCPServer, which sets {', '.join(given)} itself; set it there"
        )


@contextmanager
def output_diverted() -> Iterator[None]:
    """Standard output as standard error: over stdio the former is the wire, from the beginning."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        # The descriptor for child processes and C code, the object for print.
        with redirect_stdout(sys.stderr):
            yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)


def _imported(name: str) -> ModuleType:
    if name.endswith(".py"):
        path = Path(name).resolve()
        if not path.is_file():
            raise CommandError(f"there is no file {name}")
        folder, name = str(path.parent), path.stem
    else:
        folder = str(Path.cwd())
    if folder not in sys.path:
        # A command that pip installed does not look where it is started, unlike python -m.
        sys.path.insert(0, folder)
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        # The module that was named, or one that it imports in turn: other words help.
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise CommandError(f"{name} needs a module that is not installed: {error}") from error
        raise CommandError(
            f"there is no module {name!r} in {folder} or among what is installed{_close(name)}"
        ) from error
    # Whatever a stranger's module raises while it loads, it cannot be served.
    except (Exception, SystemExit) as error:
        raise CommandError(
            f"importing {name} failed: {type(error).__name__}: {error}; -vv shows where"
        ) from error


def _close(name: str) -> str:
    here = [path.stem for path in Path.cwd().glob("*.py")]
    close = difflib.get_close_matches(name, here, n=2)
    return f"; did you mean {' or '.join(close)}?" if close else ""


def _attribute(module: ModuleType, name: str) -> Any:
    found: Any = module
    for step in name.split("."):
        if not hasattr(found, step):
            public = [each for each in vars(found) if not each.startswith("_")]
            close = difflib.get_close_matches(step, public, n=3)
            hint = f"did you mean {' or '.join(close)}?" if close else "see what it defines"
            raise CommandError(f"the module {module.__name__} has no {name!r}; {hint}")
        found = getattr(found, step)
    return found


def _offered(module: ModuleType) -> Any:
    """What a module offers under the usual names, or itself."""
    for name in _NAMES:
        if isinstance(getattr(module, name, None), (RactoMCPServer, ToolRegistry, list, tuple)):
            return getattr(module, name)
    return module


def _tools_in(found: Any, target: str) -> list[ToolRegistry | Callable[..., Any]]:
    if isinstance(found, ToolRegistry):
        return [found]
    if isinstance(found, ModuleType):
        # A function that has two names in its module is one tool.
        marked = {id(each): each for each in vars(found).values() if hasattr(each, "_tool_schema")}
        if not marked:
            raise CommandError(
                f"the module {found.__name__} has no {', '.join(_NAMES[:-1])} or {_NAMES[-1]}, "
                f"and no @tool function; name what to serve: {found.__name__}:ATTRIBUTE"
            )
        return list(marked.values())
    if isinstance(found, (list, tuple)):
        listed = [tool for each in found for tool in _tools_in(each, f"an element of {target}")]
        if not listed:
            raise CommandError(f"{target} is an empty list")
        return listed
    if callable(found) and not inspect.isclass(found):
        return [found]
    kind = "a class" if inspect.isclass(found) else f"of type {type(found).__name__}"
    raise CommandError(f"{target} is {kind}, and can be served if it is {_KINDS}")
