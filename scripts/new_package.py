"""Writes a complete new package: working code, a contract test, documentation, all entries.

    python scripts/new_package.py store lance        racto-stores-lance, a vector store
    python scripts/new_package.py plain log-lines    racto-log-lines, a chunker to begin from

What is written works and keeps every law of the house as it stands: the store is exact and lives
in the process, so that you replace its inside step by step while its contract suite stays green.
Written are packages/<folder> with pyproject.toml, README, CHANGELOG, source and tests, and a page
under docs/packages; the type checker's path and the documentation's table of contents learn of it.
"""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass
from pathlib import Path
from string import Template

from distributions import Distribution, canonical, distributions

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = Path(__file__).resolve().parent / "templates"
NAME = re.compile(r"^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$")
MYPY_ENTRY = '    "$MYPY_CONFIG_FILE_DIR/packages/{folder}/src",\n'
ENTRY_POINTS = '\n[project.entry-points."{group}"]\n{short} = "{module}:{class_name}"\n'


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of package that can be written."""

    prefix: str
    ending: str
    summary: str
    group: str


KINDS = {
    "store": Kind(
        prefix="racto-stores-",
        ending="Store",
        summary="The vector store {title} for racto",
        group="racto.vector_stores",
    ),
    "plain": Kind(
        prefix="racto-",
        ending="Chunker",
        summary="The chunker {title} for racto",
        group="racto.chunkers",
    ),
}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """All the names of a package that is to be written."""

    kind: str
    short: str
    core_range: str

    @property
    def distribution(self) -> str:
        """The name it is released under."""
        return KINDS[self.kind].prefix + self.short

    @property
    def import_name(self) -> str:
        """The name it is imported under."""
        return self.distribution.replace("-", ".")

    @property
    def folder(self) -> str:
        """Its folder below packages/."""
        return self.distribution.removeprefix("racto-").replace("-", "_")

    @property
    def class_name(self) -> str:
        """The name of the one class it begins with."""
        return "".join(map(str.capitalize, self.short.split("-"))) + KINDS[self.kind].ending

    def values(self) -> dict[str, str]:
        """What the templates' placeholders stand for."""
        kind = KINDS[self.kind]
        entry = ENTRY_POINTS.format(
            group=kind.group,
            short=self.short.replace("-", "_"),
            module=self.import_name,
            class_name=self.class_name,
        )
        return {
            "distribution": self.distribution,
            "import_name": self.import_name,
            "class_name": self.class_name,
            "summary": kind.summary.format(title=self.short.replace("-", " ").title()),
            "core_range": self.core_range,
            "entry_points": entry,
        }


def plan(root: Path, kind: str, name: str) -> Plan:
    """Return the names of a new package.

    Args:
        root: The workspace.
        kind: One of :data:`KINDS`.
        name: Short name, such as ``lance``; a full distribution name is understood.

    Raises:
        SystemExit: When the name is malformed or taken.
    """
    short = canonical(name).removeprefix(KINDS[kind].prefix).removeprefix("racto-")
    if not NAME.match(short):
        raise SystemExit(f"{name!r} is no package name; write it like lance or log-lines")
    core = Distribution(root / "packages" / "core")
    major, minor = core.version.split(".")[:2]
    made = Plan(kind=kind, short=short, core_range=f">={major}.{minor},<{major}.{int(minor) + 1}")
    taken = {entry.name for entry in distributions(root)}
    if made.distribution in taken or (root / "packages" / made.folder).exists():
        raise SystemExit(f"{made.distribution} is here already: packages/{made.folder}")
    return made


def fill(template: Path, values: dict[str, str]) -> str:
    """Return a template's text with its placeholders replaced."""
    return Template(template.read_text("utf-8")).substitute(values)


def destinations(root: Path, made: Plan) -> dict[Path, Path]:
    """Return the template of every file that is to be written, by the file's path."""
    home = root / "packages" / made.folder
    portion = home.joinpath("src", *made.import_name.split("."))
    own, shared = TEMPLATES / made.kind, TEMPLATES / "package"
    files = {
        home / "pyproject.toml": shared / "pyproject.toml.template",
        home / "CHANGELOG.md": shared / "CHANGELOG.md.template",
        home / "README.md": own / "README.md.template",
        portion / "py.typed": shared / "py.typed.template",
        root / "docs" / "packages" / f"{made.distribution}.md": own / "docs.md.template",
    }
    for folder, target in (("src", portion), ("tests", home / "tests")):
        for template in sorted((own / folder).glob("*.template")):
            files[target / template.name.removesuffix(".template")] = template
    return files


def write(root: Path, made: Plan) -> list[Path]:
    """Write the package and its entries elsewhere; return the files that are new."""
    settings, contents = root / "pyproject.toml", root / "mkdocs.yml"
    changed = {
        settings: with_typed_path(settings.read_text("utf-8"), made.folder),
        contents: with_page(contents.read_text("utf-8"), made.distribution),
    }
    new = {
        path: fill(template, made.values()) for path, template in destinations(root, made).items()
    }
    for path, text in (new | changed).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return sorted(new)


def with_typed_path(settings: str, folder: str) -> str:
    """Return the root pyproject.toml with the package's source on the type checker's path.

    Raises:
        SystemExit: When there is no list ``mypy_path`` to add to.
    """
    found = re.search(r"^mypy_path = \[\n((?: .*\n)+)\]", settings, re.MULTILINE)
    if not found:
        raise SystemExit("pyproject.toml has no list mypy_path with one entry a line")
    lines = sorted([*found[1].splitlines(keepends=True), MYPY_ENTRY.format(folder=folder)])
    return settings[: found.start(1)] + "".join(lines) + settings[found.end(1) :]


def with_page(contents: str, distribution: str) -> str:
    """Return mkdocs.yml with the package's page among the packages.

    Raises:
        SystemExit: When there is no section of packages to add to.
    """
    found = re.search(r"^( *)- Packages:\n((?:\1 +- .*\n)+)", contents, re.MULTILINE)
    if not found:
        raise SystemExit("mkdocs.yml has no section `- Packages:` in its nav")
    pages = found[2].splitlines(keepends=True)
    indent = pages[0][: len(pages[0]) - len(pages[0].lstrip())]
    pages.append(f"{indent}- {distribution}: packages/{distribution}.md\n")
    return contents[: found.start(2)] + "".join(sorted(pages)) + contents[found.end(2) :]


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line, write the package, and say what comes next."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kind", choices=sorted(KINDS), help="what the package begins as")
    parser.add_argument("name", help="short name in lower case, words joined by hyphens")
    parser.add_argument("--root", type=Path, default=ROOT, help="workspace to write into")
    chosen = parser.parse_args(arguments)
    made = plan(chosen.root, chosen.kind, chosen.name)
    for path in write(chosen.root, made):
        print(f"wrote {path.relative_to(chosen.root).as_posix()}")
    print("\nnext:  make lock  (make new-store has done it)")
    print(f"       make test-one PKG={made.distribution}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
