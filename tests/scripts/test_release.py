"""A release changes version and changelog as it should, and refuses what makes no sense."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

import release
from distributions import Distribution

DAY = datetime.date(2026, 11, 22)
CHANGES = "# Changes\n\n## Unreleased\n\n- New: shelves.\n\n## 0.1.0 (2026-01-01)\n\n- First.\n"


@pytest.fixture
def package(tmp_path: Path) -> Distribution:
    folder = tmp_path / "packages" / "shelf"
    folder.mkdir(parents=True)
    text = '[project]\nname = "racto-shelf"\nversion = "0.1.0"\ndependencies = ["x>=1"]\n'
    (folder / "pyproject.toml").write_text(text, "utf-8")
    (folder / "CHANGELOG.md").write_text(CHANGES, "utf-8")
    return Distribution(folder)


def test_version_and_changelog_are_changed(package: Distribution) -> None:
    changed = release.prepare(package, "0.2.0")
    assert 'version = "0.2.0"' in changed["pyproject.toml"]
    assert "x>=1" in changed["pyproject.toml"]
    assert changed["CHANGELOG.md"].index("## Unreleased") < changed["CHANGELOG.md"].index(
        "## 0.2.0"
    )


def test_the_unreleased_notes_become_the_releases() -> None:
    text = release.dated(CHANGES, "0.2.0", DAY)
    assert text == CHANGES.replace("## Unreleased\n", "## Unreleased\n\n## 0.2.0 (2026-11-22)\n")


def test_the_tag_names_package_and_version() -> None:
    assert release.tag_of("racto-cache", "0.2.0") == "racto-cache-v0.2.0"
    found = release.TAG.match("racto-stores-memory-v0.2.0rc1")
    assert found is not None
    assert found.groupdict() == {"name": "racto-stores-memory", "version": "0.2.0rc1"}


@pytest.mark.parametrize("version", ["1", "1.0", "v1.0.0", "1.0.0.dev1", "", "1.0.0 "])
def test_a_malformed_version_is_refused(package: Distribution, version: str) -> None:
    with pytest.raises(SystemExit, match="is no version"):
        release.prepare(package, version)


@pytest.mark.parametrize("version", ["0.0.9", "0.1.0rc1", "0.1.0a2"])
def test_a_version_that_goes_down_is_refused(package: Distribution, version: str) -> None:
    with pytest.raises(SystemExit, match="is lower"):
        release.prepare(package, version)


def test_versions_are_ordered() -> None:
    ordered = ["0.1.0a1", "0.1.0a2", "0.1.0b1", "0.1.0rc1", "0.1.0rc10", "0.1.0", "0.2.0", "0.10.0"]
    assert sorted(ordered, key=release.order_of) == ordered


def test_a_silent_changelog_is_refused() -> None:
    with pytest.raises(SystemExit, match="says nothing"):
        release.dated("## Unreleased\n\n## 0.1.0\n\n- First.\n", "0.2.0", DAY)
    with pytest.raises(SystemExit, match="no section"):
        release.dated("## 0.1.0\n\n- First.\n", "0.2.0", DAY)


@pytest.mark.parametrize("tag", ["v0.1.0", "racto-core-0.1.0", "racto-v0.1.0", "core-v0.1.0"])
def test_a_malformed_tag_is_refused(tag: str) -> None:
    with pytest.raises(SystemExit, match="no release tag"):
        release.check_tag(tag)


def test_a_tag_that_does_not_fit_the_tree_is_refused() -> None:
    with pytest.raises(SystemExit, match="does not fit"):
        release.check_tag("racto-core-v99.0.0")
