"""Lazy packages: every public name loads, wrong ones say so, and imports cost next to nothing."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import racto.core
import racto.core.protocols

PACKAGES = [racto.core, racto.core.protocols]
each_package = pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.__name__)


def rooms_of(package: ModuleType) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """The names by room: as type checkers see them, and as they load."""
    assert package.__file__
    tree = ast.parse(Path(package.__file__).read_text("utf-8"))
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    seen: dict[str, set[str]] = {}
    for node in block.body:
        assert isinstance(node, ast.ImportFrom)
        assert node.module
        assert all(alias.name == alias.asname for alias in node.names)
        seen[node.module] = {alias.name for alias in node.names}
    (call,) = [node.value for node in tree.body if isinstance(node, ast.Assign)]
    assert isinstance(call, ast.Call)
    table: dict[str, str] = ast.literal_eval(call.args[1])
    return seen, {room: set(names.split()) for room, names in table.items()}


@each_package
def test_type_checkers_see_what_loads(package: ModuleType) -> None:
    seen, loaded = rooms_of(package)
    assert seen == loaded
    names = [name for names in loaded.values() for name in names]
    assert len(names) > 25
    assert package.__all__ == sorted(names)


@each_package
def test_every_public_name_loads_from_its_room(package: ModuleType) -> None:
    for room, names in rooms_of(package)[1].items():
        module = importlib.import_module(f"{package.__name__}.{room}")
        for name in names:
            assert getattr(package, name) is getattr(module, name)
            assert name in vars(package)
            assert name in dir(package)


@each_package
def test_a_star_import_gives_all_public_names(package: ModuleType) -> None:
    space: dict[str, object] = {}
    exec(f"from {package.__name__} import *", space)
    assert set(package.__all__) <= space.keys()


def test_a_wrong_name_says_so_and_names_the_package() -> None:
    with pytest.raises(AttributeError, match=r"'racto\.core' has no attribute 'ChatConfg'") as one:
        _ = racto.core.ChatConfg
    # What the interpreter needs to suggest ChatConfig.
    assert (one.value.name, one.value.obj) == ("ChatConfg", racto.core)
    with pytest.raises(ImportError, match="cannot import name 'Nothing'"):
        exec("from racto.core import Nothing")
    assert not hasattr(racto.core, "__path_to_nowhere__")


def modules_after(statement: str) -> set[str]:
    """The modules that a fresh interpreter has after a statement and had not before."""
    code = f"import sys; before = set(sys.modules); {statement}; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def foreign_after(statement: str) -> set[str]:
    """The libraries loaded by a statement that are neither Python's nor ours."""
    tops = {name.partition(".")[0] for name in modules_after(statement)}
    return {top for top in tops - sys.stdlib_module_names - {"racto"} if top[0] != "_"}


def test_importing_the_package_loads_nothing_else() -> None:
    ours = {name for name in modules_after("import racto.core") if name.startswith("racto")}
    assert ours == {"racto", "racto.core", "racto.core.lazy"}
    assert not foreign_after("import racto.core, racto.core.protocols")


LIGHT = "documents engines errors files filters flows secrets vectors"


@pytest.mark.parametrize("room", LIGHT.split())
def test_rooms_that_need_no_pydantic_load_none(room: str) -> None:
    loaded = {name.partition(".")[0] for name in modules_after(f"import racto.core.{room}")}
    assert not loaded & {"pydantic", "pydantic_core", "asyncio", "typing_extensions"}


def test_no_room_loads_a_test_library_or_an_event_loop_by_itself() -> None:
    everything = modules_after("from racto.core import *; from racto.core.protocols import *")
    own = everything - modules_after("from pydantic import BaseModel; BaseModel.__subclasses__()")
    heavy = {"asyncio", "pytest", "hypothesis", "numpy", "concurrent", "httpx2", "opentelemetry"}
    assert not {name.partition(".")[0] for name in own} & heavy
    assert "racto.core.stream" in everything


def test_no_model_is_built_before_it_is_used() -> None:
    """Building one looks through all installed distributions for plug-ins of pydantic."""
    loaded = modules_after("from racto.core import *; from racto.core.protocols import *")
    assert "importlib.metadata" not in loaded


def test_the_libraries_that_all_names_load_are_few() -> None:
    statement = "from racto.core import *; from racto.core.protocols import *"
    assert foreign_after(statement) <= {
        "pydantic",
        "pydantic_core",
        "annotated_types",
        "typing_extensions",
        "typing_inspection",
    }
