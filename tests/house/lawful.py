"""A tiny workspace that keeps every law of the house, to be broken by a test."""

from __future__ import annotations

from pathlib import Path

PYPROJECT = """\
[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "0.1.0"
description = "A small lawful package"
readme = "README.md"
requires-python = ">=3.11"
license = "Apache-2.0"
dependencies = [{dependencies}]

[project.optional-dependencies]
{extras}

[tool.hatch.build.targets.wheel]
packages = ["src/racto"]
core-metadata-version = "2.4"
"""

ERRORS = '''\
"""Every error of the small house: one tree.

The tree::

    RactoGatewayError
        StoreError
"""


class RactoGatewayError(Exception):
    """Base of every error here."""


class StoreError(RactoGatewayError):
    """A store could not do what it was asked."""
'''

STORE = '''\
"""A shelf that keeps texts by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from racto.core import StoreError

if TYPE_CHECKING:
    import faiss


@dataclass(frozen=True, kw_only=True)
class ShelfConfig:
    """How a shelf behaves."""

    size: int = 3


class Shelf:
    """Keeps texts by name."""

    def __init__(self, name: str, config: ShelfConfig | None = None, *, strict: bool = True):
        self.name = name

    def put(self, key: str, text: str = "") -> None:
        """Keep a text.

        Args:
            key: Its name.
            text: What to keep.
        """
        raise StoreError(key)

    async def aput(self, key: str, text: str = "") -> None:
        """Keep a text, from an event loop."""
        self.put(key, text)

    def index(self) -> faiss.Index:
        """Return an index; needs the extra ``fast``."""
        try:
            import faiss
        except ImportError as error:
            raise MissingExtraError("racto-shelf[fast]") from error
        return faiss.IndexFlatIP(3)
'''


class Workspace:
    """A tiny workspace of two packages that keeps every law, to be broken by a test."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.shelf = "packages/shelf/src/racto/shelf"
        self.core = "packages/core/src/racto/core"
        self._package("core", "racto-core", '"pydantic>=2"', 'testing = ["pytest"]')
        self._package("shelf", "racto-shelf", '"racto-core>=0.1,<0.2"', 'fast = ["faiss-cpu"]')
        self.write(f"{self.core}/__init__.py", '"""The small core."""\nfrom .errors import *\n')
        self.write(f"{self.core}/errors.py", ERRORS)
        self.write(f"{self.shelf}/__init__.py", '"""A small shelf."""\nfrom .shelf import Shelf\n')
        self.write(f"{self.shelf}/shelf.py", STORE)
        self.write("pyproject.toml", self._settings())
        self.write("uv.lock", self._lock())
        self.write("mkdocs.yml", self._contents())
        self.write("docs/index.md", "See [the shelf](packages/racto-shelf.md).\n")

    def _package(self, folder: str, name: str, dependencies: str, extras: str) -> None:
        place = f"packages/{folder}"
        text = PYPROJECT.format(name=name, dependencies=dependencies, extras=extras)
        self.write(f"{place}/pyproject.toml", text)
        self.write(f"docs/packages/{name}.md", f"# {name}\n")
        self.write(f"{place}/README.md", f"# {name}\n")
        self.write(f"{place}/CHANGELOG.md", "# Changes\n")
        self.write(f"{place}/src/racto/{folder}/py.typed", "")

    def _settings(self) -> str:
        paths = (f'"$MYPY_CONFIG_FILE_DIR/packages/{name}/src"' for name in ("core", "shelf"))
        return f"[tool.mypy]\nmypy_path = [{', '.join(paths)}]\n"

    def _contents(self) -> str:
        packages = (f"      - {n}: packages/{n}.md\n" for n in ("racto-core", "racto-shelf"))
        return "nav:\n  - Home: index.md\n  - Packages:\n" + "".join(packages)

    def _lock(self) -> str:
        return (
            'version = 1\n\n[manifest]\nmembers = ["racto-core", "racto-shelf"]\n\n'
            '[[package]]\nname = "numpy"\nsource = { registry = "https://index.example.org/s" }\n'
            'sdist = { url = "https://files.example.org/numpy.tar.gz" }\n'
        )

    def write(self, path: str, text: str) -> None:
        """Write a file, its folders included."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")

    def replace(self, path: str, old: str, new: str) -> None:
        """Replace a text that must occur in a file."""
        target = self.root / path
        text = target.read_text("utf-8")
        assert old in text, f"{old!r} is not in {path}"
        target.write_text(text.replace(old, new), "utf-8")

    def append(self, path: str, text: str) -> None:
        """Add a text to the end of a file."""
        target = self.root / path
        target.write_text(target.read_text("utf-8") + text, "utf-8")
