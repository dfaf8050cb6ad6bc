"""The workspace keeps every law of the house, and each law has looked at all of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from distributions import distributions
from laws import (
    dependencies,
    docstrings,
    error_tree,
    loaded,
    lockfile,
    pages,
    places,
    portions,
    signatures,
    sizes,
)
from laws.report import Report
from laws.source import rooms

Law = Callable[[Path], Report]

OF_DISTRIBUTIONS: list[Law] = [
    portions.one_portion,
    portions.three_spellings,
    portions.bare_inits,
    portions.lazy_names_in_step,
    dependencies.no_declared_siblings,
    dependencies.own_entry_points,
    lockfile.locked_members,
    lockfile.typed_paths,
    lockfile.same_settings,
    pages.pages_in_contents,
    pages.links_lead_somewhere,
]
OF_FILES: list[Law] = [
    portions.noun_rooms,
    dependencies.no_siblings,
    dependencies.declared_libraries,
    dependencies.optional_libraries,
    dependencies.missing_extras_explained,
    sizes.short_files,
    sizes.comment_budget,
    docstrings.first_line_promises,
]
OF_DEFINITIONS: list[Law] = [
    dependencies.core_at_the_bottom,
    sizes.short_functions,
    signatures.annotated,
    signatures.twins,
    signatures.frozen,
    signatures.few_positional,
    docstrings.everything_documented,
    docstrings.google_style,
    error_tree.true_drawing,
    error_tree.one_tree,
    lockfile.portable_lock,
]


def test_the_workspace_has_packages(root: Path) -> None:
    folders = {path.name for path in (root / "packages").iterdir() if any(path.rglob("*.py"))}
    assert {entry.folder.name for entry in distributions(root)} == folders
    assert "core" in folders


@pytest.mark.parametrize("law", OF_DISTRIBUTIONS, ids=lambda law: law.__name__)
def test_each_distribution_keeps(law: Law, root: Path) -> None:
    verdict = law(root).verdict(at_least=len(distributions(root)))
    assert not verdict, f"{law.__doc__}\n{verdict}"


@pytest.mark.parametrize("law", OF_FILES, ids=lambda law: law.__name__)
def test_each_file_keeps(law: Law, root: Path) -> None:
    files = len(list(root.glob("packages/*/src/**/*.py")))
    verdict = law(root).verdict(at_least=files)
    assert not verdict, f"{law.__doc__}\n{verdict}"


@pytest.mark.parametrize("law", OF_DEFINITIONS, ids=lambda law: law.__name__)
def test_each_definition_keeps(law: Law, root: Path) -> None:
    verdict = law(root).verdict(at_least=10)
    assert not verdict, f"{law.__doc__}\n{verdict}"


PACKAGES = [
    room.module
    for room in rooms(Path(__file__).resolve().parents[2])
    if room.path.name == "__init__.py"
]


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_loads_only_what_it_may(package: str) -> None:
    verdict = loaded.light_import(package).verdict()
    assert not verdict, verdict


def test_no_file_names_the_place_it_lies_in(root: Path) -> None:
    verdict = places.no_place(root, places.places(root)).verdict(20)
    assert not verdict, verdict


def test_no_file_but_the_lock_names_a_registry(root: Path) -> None:
    verdict = places.no_place(root, places.lock_hosts(root)).verdict(20)
    assert not verdict, verdict


def test_the_drawn_tree_is_the_tree_at_run_time() -> None:
    from racto.core import errors

    shown = error_tree.drawn(errors.__doc__ or "")
    waiting = [errors.RactoGatewayError]
    grown = {errors.RactoGatewayError.__name__}
    while waiting:
        for child in waiting.pop().__subclasses__():
            if child.__module__.startswith("racto.core") and ".testing" not in child.__module__:
                grown.add(child.__name__)
                waiting.append(child)
    assert grown == set(shown)
