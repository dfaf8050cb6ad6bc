"""A package that the script writes passes the suite that was written with it, and every law."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import check
import new_package
from laws import dependencies, docstrings, lockfile, portions, signatures, sizes

ROOT = Path(__file__).resolve().parents[2]
WRITTEN = {"store": "lance", "plain": "log-lines"}
LAWS = [
    portions.one_portion,
    portions.three_spellings,
    portions.noun_rooms,
    portions.bare_inits,
    dependencies.no_siblings,
    dependencies.no_declared_siblings,
    dependencies.declared_libraries,
    sizes.short_files,
    sizes.short_functions,
    signatures.annotated,
    signatures.twins,
    signatures.few_positional,
    docstrings.first_line_promises,
    docstrings.everything_documented,
    docstrings.google_style,
    lockfile.typed_paths,
    lockfile.same_settings,
]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """The shared files of the workspace and racto-core's pyproject.toml, without any source."""
    for name in ("pyproject.toml", "mkdocs.yml"):
        shutil.copy(ROOT / name, tmp_path / name)
    core = tmp_path / "packages" / "core"
    core.mkdir(parents=True)
    shutil.copy(ROOT / "packages" / "core" / "pyproject.toml", core)
    return tmp_path


@pytest.fixture(params=sorted(WRITTEN))
def written(request: pytest.FixtureRequest, workspace: Path) -> new_package.Plan:
    """A package of each kind, freshly written."""
    kind = request.param
    arguments = [kind, WRITTEN[kind], "--root", str(workspace)]
    assert new_package.main(arguments) == 0
    core = new_package.plan(workspace, kind, "another")
    return new_package.Plan(kind=kind, short=WRITTEN[kind], core_range=core.core_range)


def run(workspace: Path, folder: str, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a tool of this environment with the new package on the import path."""
    environment = os.environ | {"PYTHONPATH": str(workspace / "packages" / folder / "src")}
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=workspace,
        env=environment,
        capture_output=True,
        text=True,
    )


@pytest.mark.slow
def test_the_suite_that_was_written_passes(written: new_package.Plan, workspace: Path) -> None:
    tests = f"packages/{written.folder}/tests"
    done = run(workspace, written.folder, "pytest", tests, "-q", "-p", "no:cacheprovider")
    assert done.returncode == 0, done.stdout + done.stderr
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed is not None
    # The contract's laws are among them, each in both voices, beside the tests of its own.
    assert int(passed[1]) >= 8, done.stdout


def test_the_contract_suite_is_short(written: new_package.Plan, workspace: Path) -> None:
    contract = workspace / "packages" / written.folder / "tests" / "test_contract.py"
    assert len(contract.read_text("utf-8").splitlines()) <= 20


@pytest.mark.slow
def test_the_code_that_was_written_is_clean(written: new_package.Plan, workspace: Path) -> None:
    package = f"packages/{written.folder}"
    for command in (["ruff", "check", package], ["ruff", "format", "--check", package]):
        done = run(workspace, written.folder, *command)
        assert done.returncode == 0, done.stdout
    core = workspace / "packages" / "core" / "src"
    shutil.copytree(ROOT / "packages" / "core" / "src", core)
    done = run(workspace, written.folder, "mypy", f"{package}/src")
    assert done.returncode == 0, done.stdout
    assert check.mypy_saw(done.stdout) == 2


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_what_was_written_keeps_the_law(
    law: object, written: new_package.Plan, workspace: Path
) -> None:
    # racto-core's source is not there, and the other members' paths lead nowhere here.
    assert callable(law)
    found = [
        text
        for text in law(workspace).violations
        if written.folder in text and "which is no package" not in text
    ]
    assert not found


def test_the_documentation_has_a_page_and_an_entry(
    written: new_package.Plan, workspace: Path
) -> None:
    page = f"packages/{written.distribution}.md"
    assert (workspace / "docs" / page).is_file()
    assert f"- {written.distribution}: {page}" in (workspace / "mkdocs.yml").read_text("utf-8")


def test_the_blocks_of_the_readme_and_the_page_run(
    written: new_package.Plan, workspace: Path
) -> None:
    page = workspace / "docs" / "packages" / f"{written.distribution}.md"
    readme = workspace / "packages" / written.folder / "README.md"
    for path in (page, readme):
        blocks = re.findall(r"^```python\n(.*?)^```$", path.read_text("utf-8"), re.DOTALL | re.M)
        assert blocks
        program = workspace / "program.py"
        program.write_text("\n".join(blocks), "utf-8")
        environment = os.environ | {
            "PYTHONPATH": str(workspace / "packages" / written.folder / "src")
        }
        done = subprocess.run(
            [sys.executable, str(program)], env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["", "Lance!", "1st", "a b", "-x"])
def test_a_malformed_name_is_refused(name: str, workspace: Path) -> None:
    with pytest.raises(SystemExit, match="is no package name"):
        new_package.plan(workspace, "store", name)


def test_a_name_that_is_taken_is_refused(workspace: Path) -> None:
    with pytest.raises(SystemExit, match="here already"):
        new_package.plan(workspace, "plain", "core")


@pytest.mark.parametrize("name", ["lance", "racto-stores-lance", "Lance", "racto_stores_lance"])
def test_a_name_may_be_short_or_full(name: str, workspace: Path) -> None:
    made = new_package.plan(workspace, "store", name)
    assert made.distribution == "racto-stores-lance"
    assert made.import_name == "racto.stores.lance"
    assert made.folder == "stores_lance"
    assert made.class_name == "LanceStore"


def test_a_class_name_joins_the_words(workspace: Path) -> None:
    assert new_package.plan(workspace, "plain", "log-lines").class_name == "LogLinesChunker"
