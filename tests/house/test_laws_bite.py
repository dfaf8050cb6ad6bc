"""Each law finds the violation that is planted for it, in a workspace that else keeps them all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from lawful import Workspace
from laws import (
    dependencies,
    docstrings,
    error_tree,
    lockfile,
    pages,
    places,
    portions,
    signatures,
    sizes,
)
from laws.report import Report

Law = Callable[[Path], Report]

SHELF = "packages/shelf/src/racto/shelf"
CORE = "packages/core/src/racto/core"
ROOM = f"{SHELF}/shelf.py"


@dataclass(frozen=True)
class Plant:
    """One violation: the law it breaks, what is done to the workspace, what must be reported."""

    law: Law
    does: Callable[[Workspace], object]
    says: str


def write(path: str, text: str) -> Callable[[Workspace], object]:
    return lambda house: house.write(path, text)


def append(path: str, text: str) -> Callable[[Workspace], object]:
    return lambda house: house.append(path, text)


def replace(path: str, old: str, new: str) -> Callable[[Workspace], object]:
    return lambda house: house.replace(path, old, new)


def delete(path: str) -> Callable[[Workspace], object]:
    return lambda house: (house.root / path).unlink()


def rename(old: str, new: str) -> Callable[[Workspace], object]:
    return lambda house: (house.root / old).rename(house.root / new)


def lengthen(house: Workspace) -> None:
    for path in (ROOM, f"{SHELF}/__init__.py"):
        house.append(path, "\n" * 150)


LONG = "\n".join(["def long() -> None:", '    """Do much."""', *["    print()"] * 40])

PLANTS = [
    # where files lie
    Plant(
        portions.one_portion, write("packages/shelf/src/racto/__init__.py", ""), "above the portion"
    ),
    Plant(portions.one_portion, delete(f"{SHELF}/py.typed"), "0 py.typed"),
    Plant(portions.one_portion, write(f"{SHELF}/sub/py.typed", ""), "2 py.typed"),
    Plant(portions.one_portion, delete(f"{SHELF}/__init__.py"), "no __init__.py"),
    Plant(portions.one_portion, write(f"{SHELF}/sub/room.py", ""), "without __init__.py"),
    Plant(
        portions.one_portion,
        write("packages/shelf/src/racto/second/__init__.py", ""),
        "second portion",
    ),
    Plant(
        portions.three_spellings,
        replace("packages/shelf/pyproject.toml", '"racto-shelf"', '"racto-rack"'),
        "racto-rack",
    ),
    Plant(portions.three_spellings, rename("packages/shelf", "packages/shelf-x"), "should be"),
    Plant(portions.noun_rooms, write(f"{SHELF}/utils.py", ""), "'utils'"),
    Plant(portions.noun_rooms, write(f"{SHELF}/_helpers.py", ""), "'helpers'"),
    Plant(portions.noun_rooms, write(f"{SHELF}/common/__init__.py", ""), "'common'"),
    Plant(portions.bare_inits, append(f"{SHELF}/__init__.py", "SHELVES = open('x')\n"), "logic"),
    Plant(portions.bare_inits, append(f"{SHELF}/__init__.py", "class A:\n    pass\n"), "logic"),
    Plant(portions.bare_inits, append(f"{SHELF}/__init__.py", "for x in ():\n    x\n"), "logic"),
    Plant(
        portions.lazy_names_in_step,
        append(f"{SHELF}/__init__.py", "__all__ = lazily(__name__, {'shelf': 'Shelf'})\n"),
        "hides it",
    ),
    Plant(
        portions.lazy_names_in_step,
        append(
            f"{SHELF}/__init__.py",
            "if TYPE_CHECKING:\n    from .shelf import Shelf as Shelf\n"
            "__all__ = lazily(__name__, {})\n",
        ),
        "cannot load it",
    ),
    # who may know whom
    Plant(dependencies.core_at_the_bottom, append(f"{CORE}/errors.py", "import numpy\n"), "numpy"),
    Plant(
        dependencies.core_at_the_bottom,
        append(f"{CORE}/errors.py", "def f():\n    import httpx2\n"),
        "httpx2",
    ),
    Plant(
        dependencies.core_at_the_bottom,
        append(f"{CORE}/errors.py", "def f():\n    import pytest\n"),
        "pytest",
    ),
    Plant(dependencies.no_siblings, append(f"{CORE}/errors.py", "import racto.shelf\n"), "sibling"),
    Plant(
        dependencies.no_siblings,
        append(ROOM, "def f():\n    from racto.stores import qdrant\n"),
        "racto.stores",
    ),
    Plant(dependencies.no_siblings, append(ROOM, "from racto import rag\n"), "racto.rag"),
    Plant(dependencies.no_siblings, append(ROOM, "from ..rag import x\n"), "racto.rag"),
    Plant(
        dependencies.no_siblings,
        append(ROOM, "import importlib\nx = importlib.import_module('racto.rag')\n"),
        "racto.rag",
    ),
    Plant(
        dependencies.no_declared_siblings,
        replace("packages/shelf/pyproject.toml", "<0.2", '<0.2", "racto-rag>=0.1'),
        "racto-rag in dependencies",
    ),
    Plant(
        dependencies.no_declared_siblings,
        replace("packages/shelf/pyproject.toml", '"faiss-cpu"', '"Racto_RAG"'),
        "racto-rag in fast",
    ),
    Plant(
        dependencies.no_declared_siblings,
        append("packages/shelf/pyproject.toml", '\n[dependency-groups]\ntest = ["racto-rag"]\n'),
        "racto-rag in the group test",
    ),
    Plant(
        dependencies.no_declared_siblings,
        replace("packages/core/pyproject.toml", '"pydantic>=2"', '"pydantic>=2", "numpy"'),
        "pydantic alone",
    ),
    Plant(
        dependencies.no_declared_siblings,
        replace("packages/shelf/pyproject.toml", '"racto-core>=0.1,<0.2"', ""),
        "does not depend",
    ),
    Plant(dependencies.declared_libraries, append(ROOM, "import redis\n"), "does not declare"),
    Plant(dependencies.optional_libraries, append(ROOM, "import faiss\n"), "as it loads"),
    Plant(
        dependencies.optional_libraries,
        write(f"{SHELF}/second.py", "def f():\n    import faiss\n"),
        "in packages",
    ),
    Plant(
        dependencies.missing_extras_explained,
        write(f"{SHELF}/second.py", "def f():\n    import faiss\n"),
        "MissingExtraError",
    ),
    Plant(
        dependencies.missing_extras_explained,
        replace(ROOM, "racto-shelf[fast]", "racto-shelf[quick]"),
        "racto-shelf[fast]",
    ),
    Plant(
        dependencies.own_entry_points,
        append(
            "packages/shelf/pyproject.toml",
            '[project.entry-points."racto.vector_stores"]\nx = "racto.rag:X"\n',
        ),
        "not its own",
    ),
    Plant(
        dependencies.own_entry_points,
        append(
            "packages/shelf/pyproject.toml",
            '[project.entry-points.console_hooks]\nx = "racto.shelf"\n',
        ),
        "foreign group",
    ),
    # measure
    Plant(sizes.short_files, append(ROOM, "\n" * 400), "may have 400"),
    Plant(
        sizes.short_files,
        lengthen,
        "median",
    ),
    Plant(sizes.short_functions, append(ROOM, LONG), "are long"),
    Plant(sizes.comment_budget, append(ROOM, "print()\n" * 80), "0.0%"),
    Plant(sizes.comment_budget, append(ROOM, "print()  # say\n" * 80), "3 to 8 %"),
    # signatures
    Plant(signatures.annotated, append(ROOM, "def f(x) -> None: ...\n"), "x"),
    Plant(signatures.annotated, append(ROOM, "def f(x: int): ...\n"), "its result"),
    Plant(
        signatures.twins,
        replace(ROOM, 'async def aput(self, key: str, text: str = "")', "async def aput(self)"),
        "its twin takes",
    ),
    Plant(
        signatures.twins,
        replace(
            ROOM, 'aput(self, key: str, text: str = "")', 'aput(self, key: str, text: str = "-")'
        ),
        "its twin takes",
    ),
    Plant(signatures.twins, append(ROOM, "async def aget() -> None: ...\n"), "no blocking twin"),
    Plant(signatures.twins, append(ROOM, "async def get() -> None: ...\n"), "start with an a"),
    Plant(signatures.twins, append(ROOM, "def get() -> None:\n    run(flow())\n"), "no async twin"),
    Plant(signatures.frozen, replace(ROOM, "frozen=True, ", ""), "frozen=True"),
    Plant(signatures.frozen, replace(ROOM, ", kw_only=True", ""), "kw_only=True"),
    Plant(
        signatures.frozen,
        append(ROOM, "class SlotConfig(BaseModel):\n    size: int = 1\n"),
        "can be changed",
    ),
    Plant(signatures.few_positional, replace(ROOM, "*, strict", "strict"), "3 positional"),
    # documentation
    Plant(docstrings.first_line_promises, write(f"{SHELF}/second.py", "x = 1\n"), "no docstring"),
    Plant(docstrings.first_line_promises, write(f"{SHELF}/second.py", '"""."""\n'), "no docstring"),
    Plant(
        docstrings.first_line_promises,
        write(f"{SHELF}/second.py", '"""A sentence that\nruns over its line."""\n'),
        "runs over",
    ),
    Plant(docstrings.everything_documented, append(ROOM, "def f() -> None: ...\n"), " f: "),
    Plant(
        docstrings.everything_documented,
        append(ROOM, 'class A:\n    """Something to test."""\n    def f(self) -> None: ...\n'),
        "A.f",
    ),
    Plant(docstrings.google_style, replace(ROOM, "key: Its name", "name: Its name"), "'name'"),
    Plant(
        docstrings.google_style, replace(ROOM, "Keep a text.\n", "Keep.\n\n:param x: y\n"), "style"
    ),
    # errors
    Plant(
        error_tree.true_drawing,
        append(f"{CORE}/errors.py", "class NewError(StoreError): ...\n"),
        "missing in the drawing",
    ),
    Plant(
        error_tree.true_drawing,
        replace(f"{CORE}/errors.py", "        StoreError\n", "        StoreError\n        Ghost\n"),
        "does not exist",
    ),
    Plant(
        error_tree.true_drawing,
        replace(
            f"{CORE}/errors.py",
            '    """A store could not',
            '    """x"""\n\nclass ReadError(StoreError):\n    """A store could not',
        ),
        "ReadError",
    ),
    Plant(
        error_tree.true_drawing,
        replace(f"{CORE}/errors.py", "        StoreError\n", "    StoreError\n"),
        "grows on",
    ),
    Plant(error_tree.one_tree, append(ROOM, "class LostError(ValueError): ...\n"), "not derive"),
    # lock file and settings
    Plant(
        lockfile.portable_lock,
        replace("uv.lock", "https://index.example.org/s", "https://localhost:8080/s"),
        "others cannot reach",
    ),
    Plant(
        lockfile.portable_lock,
        replace("uv.lock", "https://files.example.org", "https://me:key@files.example.org"),
        "others cannot reach",
    ),
    Plant(
        lockfile.portable_lock,
        append("uv.lock", 'sdist = { url = "https://other.example.net/x" }\n'),
        "several hosts",
    ),
    Plant(lockfile.portable_lock, append("uv.lock", 'x = { path = "../x" }\n'), "path '../x'"),
    Plant(lockfile.locked_members, replace("uv.lock", ', "racto-shelf"', ""), "does not know"),
    Plant(lockfile.typed_paths, replace("pyproject.toml", "/shelf/", "/rack/"), "lacks"),
    Plant(
        lockfile.same_settings,
        replace("packages/shelf/pyproject.toml", '"2.4"', '"2.5"'),
        "core-metadata-version",
    ),
    Plant(lockfile.same_settings, delete("packages/shelf/CHANGELOG.md"), "CHANGELOG.md"),
    # documentation pages
    Plant(pages.pages_in_contents, write("docs/lost.md", ""), "in no table of contents"),
    Plant(pages.pages_in_contents, delete("docs/packages/racto-shelf.md"), "is missing"),
    Plant(pages.pages_in_contents, delete("docs/index.md"), "which is not there"),
    Plant(pages.links_lead_somewhere, append("docs/index.md", "[a](gone.md#x)"), "gone.md"),
]
LAWS = sorted({plant.law for plant in PLANTS}, key=lambda law: law.__name__)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_a_lawful_workspace_passes(law: Law, workspace: Workspace) -> None:
    assert not law(workspace.root).verdict()


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: f"{plant.law.__name__}-{plant.says}")
def test_a_planted_violation_is_found(plant: Plant, workspace: Workspace) -> None:
    plant.does(workspace)
    violations = plant.law(workspace.root).violations
    assert any(plant.says in text for text in violations), violations


def test_a_planted_place_is_found(workspace: Workspace) -> None:
    words = places.places(workspace.root) | places.lock_hosts(workspace.root)
    assert not places.no_place(workspace.root, words).verdict()
    workspace.append(ROOM, f"# see {workspace.root}/notes\n")
    workspace.write("docs/a.md", "from https://files.example.org/x\n")
    workspace.write(".venv/b.md", "from https://files.example.org/x\n")
    report = places.no_place(workspace.root, words)
    assert {text.split(":")[0] for text in report.violations} == {ROOM, "docs/a.md"}


def test_every_law_has_a_plant() -> None:
    import test_laws_hold

    held = {
        *test_laws_hold.OF_DISTRIBUTIONS,
        *test_laws_hold.OF_FILES,
        *test_laws_hold.OF_DEFINITIONS,
    }
    assert held == set(LAWS)


def test_a_law_that_sees_nothing_fails(tmp_path: Path) -> None:
    (tmp_path / "packages").mkdir()
    assert "saw 0 things" in portions.one_portion(tmp_path).verdict()
