"""Releases one package: version, changelog, built and checked wheel, and the tag's name.

Without --write nothing in the tree changes: the steps are rehearsed in a temporary copy, the wheel
is built and checked, and what would happen is printed. With --write the pyproject.toml and the
CHANGELOG.md are changed and the wheel lies in dist/; commit, tag and push are left to you, and the
release workflow publishes what is tagged.

    python scripts/release.py racto-cache 0.2.0            rehearse
    python scripts/release.py racto-cache 0.2.0 --write    change the files, build into dist/
    python scripts/release.py --tag racto-cache-v0.2.0     check that a tag fits the tree, build
"""

from __future__ import annotations

import argparse
import datetime
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from distributions import Distribution, named
from isolated import find_uv

ROOT = Path(__file__).resolve().parent.parent
VERSION = re.compile(r"^\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?$")
TAG = re.compile(r"^(?P<name>racto(?:-[a-z0-9]+)+)-v(?P<version>\d\S*)$")
UNRELEASED = re.compile(r"^## \[?Unreleased\]?[^\n]*\n", re.IGNORECASE | re.MULTILINE)


def tag_of(name: str, version: str) -> str:
    """Return the name of a release's tag, such as ``racto-cache-v0.2.0``."""
    return f"{name}-v{version}"


def order_of(version: str) -> tuple[int, ...]:
    """Return what versions are compared by; a pre-release comes before its release."""
    numbers, _, pre = re.sub(r"(a|b|rc)", r"-\1", version).partition("-")
    stage = {"a": 0, "b": 1, "r": 2}.get(pre[:1], 3)
    return (*map(int, numbers.split(".")), stage, int(re.sub(r"\D", "", pre) or 0))


def bumped(pyproject: str, version: str) -> str:
    """Return the text of a pyproject.toml with its version replaced.

    Raises:
        SystemExit: When the text has no static version.
    """
    changed, count = re.subn(
        r'^version = "[^"]*"', f'version = "{version}"', pyproject, count=1, flags=re.MULTILINE
    )
    if not count:
        raise SystemExit('the pyproject.toml has no line `version = "..."`')
    return changed


def dated(changelog: str, version: str, day: datetime.date) -> str:
    """Return a changelog whose unreleased section became the release's, with a fresh one above.

    Raises:
        SystemExit: When there is no unreleased section, or nothing stands in it.
    """
    found = UNRELEASED.search(changelog)
    if not found:
        raise SystemExit("CHANGELOG.md has no section `## Unreleased`")
    rest = changelog[found.end() :]
    notes = re.split(r"^## ", rest, maxsplit=1, flags=re.MULTILINE)[0]
    if not notes.strip():
        raise SystemExit("CHANGELOG.md says nothing under `## Unreleased`: what is released?")
    head = changelog[: found.start()]
    return f"{head}## Unreleased\n\n## {version} ({day.isoformat()})\n{rest}"


def build(package: Distribution, target: Path) -> list[Path]:
    """Build sdist and wheel into ``target`` and check the wheel by the laws of the house.

    Raises:
        SystemExit: When the build fails or the wheel breaks a law.
    """
    command = [find_uv(), "build", "--quiet", "--out-dir", str(target), str(package.folder)]
    if subprocess.run(command, cwd=package.folder).returncode:
        raise SystemExit("the build failed")
    stem = f"{package.name.replace('-', '_')}-{package.version}"
    built = sorted(path for path in target.iterdir() if path.name.startswith(stem))
    wheels = [path for path in built if path.suffix == ".whl"]
    if len(wheels) != 1:
        raise SystemExit(f"expected one wheel of {stem}, found {[path.name for path in built]}")
    sys.path.insert(0, str(ROOT / "tests" / "house"))
    from laws.metadata import wheel_law

    if verdict := wheel_law(wheels[0], ROOT).verdict():
        raise SystemExit(f"the wheel breaks the laws of the house:\n{verdict}")
    return built


def prepare(package: Distribution, version: str) -> dict[str, str]:
    """Return the new text of each file that a release changes, by its name.

    Raises:
        SystemExit: When the version is malformed or does not go up, or the changelog is silent.
    """
    if not VERSION.match(version):
        raise SystemExit(f"{version!r} is no version; write it like 0.2.0 or 0.2.0rc1")
    if order_of(version) < order_of(package.version):
        raise SystemExit(f"{package.name} is at {package.version} already; {version} is lower")
    changelog = package.folder / "CHANGELOG.md"
    if not changelog.is_file():
        raise SystemExit(f"{package.name} has no CHANGELOG.md to say what is released")
    texts = {
        path.name: path.read_text("utf-8")
        for path in (changelog.with_name("pyproject.toml"), changelog)
    }
    return {
        "pyproject.toml": bumped(texts["pyproject.toml"], version),
        "CHANGELOG.md": dated(texts["CHANGELOG.md"], version, datetime.date.today()),
    }


def release(package: Distribution, version: str, *, write: bool) -> None:
    """Perform or rehearse a release and say what comes next."""
    changes = prepare(package, version)
    with tempfile.TemporaryDirectory() as place:
        target = package
        if not write:
            copy = Path(place) / package.folder.name
            shutil.copytree(package.folder, copy, ignore=shutil.ignore_patterns("__pycache__"))
            target = Distribution(copy)
        for name, text in changes.items():
            (target.folder / name).write_text(text, "utf-8")
        out = ROOT / "dist" if write else Path(place) / "dist"
        built = build(Distribution(target.folder), out)
        print(f"{package.name} {package.version} -> {version}: built and lawful")
        for path in built:
            print(f"  {path.name} ({path.stat().st_size:,} bytes)")
    tag = tag_of(package.name, version)
    if not write:
        print("nothing was changed; add --write to perform it")
        return
    print("next:")
    print("  make lock")
    print(f'  git commit -am "{package.name} {version}" && git tag {tag} && git push origin {tag}')


def check_tag(tag: str) -> None:
    """Build the package that a tag names, into dist/, if the tag fits the tree.

    Raises:
        SystemExit: When the tag is malformed or its version is not the package's.
    """
    found = TAG.match(tag)
    if not found:
        raise SystemExit(f"{tag!r} is no release tag; one looks like racto-cache-v0.2.0")
    package = named(ROOT, found["name"])
    if package.version != found["version"]:
        raise SystemExit(f"{tag} does not fit: {package.name} is at {package.version} here")
    for path in build(package, ROOT / "dist"):
        print(path.relative_to(ROOT))


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line and rehearse, perform or check a release."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("package", nargs="?", help="distribution to release, such as racto-cache")
    parser.add_argument("version", nargs="?", help="its new version, such as 0.2.0")
    parser.add_argument("--write", action="store_true", help="change the files and build to dist/")
    parser.add_argument("--tag", help="build what this tag names, after checking that it fits")
    chosen = parser.parse_args(arguments)
    if chosen.tag:
        check_tag(chosen.tag)
    elif chosen.package and chosen.version:
        release(named(ROOT, chosen.package), chosen.version, write=chosen.write)
    else:
        parser.error("name a package and its new version, or give --tag")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
