"""Installs the MCP programs from npm that tests talk to, once, and says where they are.

    scripts/node_peers            install what is missing, print where it is
    scripts/node_peers --check    install nothing; exit code 1 when something is missing

They are other people's work on the other side of the wire: the reference server
`@modelcontextprotocol/server-everything`; `@modelcontextprotocol/inspector`, whose command line is
a client; and `@modelcontextprotocol/server`, the TypeScript SDK for servers of today's protocol.
All are pinned and go to .cache/node; RACTO_NODE_HOME names another folder.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EVERYTHING = "@modelcontextprotocol/server-everything"
INSPECTOR = "@modelcontextprotocol/inspector"
SDK = "@modelcontextprotocol/server"
PINNED = {EVERYTHING: "2026.8.31", INSPECTOR: "2.12.0", SDK: "2.3.1", "zod": "4.4.3"}
ENTRIES = {EVERYTHING: "dist/index.js", INSPECTOR: "clients/launcher/build/index.js"}
PATIENCE = 600.0


class MissingPeersError(Exception):
    """The programs are not here and cannot be installed; says what would help."""


@dataclass(frozen=True, kw_only=True)
class NodePeers:
    """Where Node, the entry points of the programs and the packages are."""

    node: Path
    everything: Path
    inspector: Path
    packages: Path


def home() -> Path:
    """Return the folder of the installation."""
    return Path(os.environ.get("RACTO_NODE_HOME") or ROOT / ".cache" / "node")


def program(name: str) -> str:
    """Return the path of ``node`` or ``npm``.

    Raises:
        MissingPeersError: When it is not on PATH.
    """
    found = shutil.which(name)
    if found is None:
        raise MissingPeersError(
            f"{name} is not on PATH; install Node.js 20 or newer (Debian: apt-get install nodejs npm)"
        )
    return found


def installed() -> dict[str, str]:
    """Return the version of each pinned package that is there."""
    versions = {}
    for package in PINNED:
        folder = home() / "node_modules" / package
        manifest = folder / "package.json"
        if manifest.is_file() and (folder / ENTRIES.get(package, "package.json")).is_file():
            versions[package] = json.loads(manifest.read_text("utf-8"))["version"]
    return versions


def is_complete() -> bool:
    """Whether an installation ran to its end and holds the pinned versions."""
    # npm fills node_modules package by package: only this file says that it came to the end.
    done = home() / "complete.json"
    return done.is_file() and json.loads(done.read_text("utf-8")) == PINNED == installed()


@contextmanager
def alone() -> Iterator[None]:
    """Keep other processes, such as the workers of one test run, out until the block ends."""
    home().mkdir(parents=True, exist_ok=True)
    with (home() / "lock").open("w") as handle:
        # The system lets go of it even where this process is killed.
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def install() -> None:
    """Let npm install the pinned versions.

    Raises:
        MissingPeersError: When npm fails, with the end of what it said.
    """
    (home() / "complete.json").unlink(missing_ok=True)
    command = [program("npm"), "install", "--prefix", str(home()), "--ignore-scripts", "--no-audit"]
    command += ["--no-fund", "--save-exact", "--loglevel=error"]
    command += [f"{package}@{version}" for package, version in PINNED.items()]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired as error:
        raise MissingPeersError(f"npm install did not end within {PATIENCE:.0f} s") from error
    if done.returncode:
        raise MissingPeersError(f"npm install failed:\n{(done.stderr or done.stdout)[-1000:]}")
    # Written whole or not at all: other processes look at it without the lock.
    draft = home() / f"complete.{os.getpid()}"
    draft.write_text(json.dumps(PINNED), "utf-8")
    draft.replace(home() / "complete.json")


def node_peers(*, fetch: bool = True) -> NodePeers:
    """Return where the programs are, after installing what is missing.

    Args:
        fetch: Whether to install; without it, what is missing is an error.

    Raises:
        MissingPeersError: When they are not here; the message says what would help.
    """
    node = Path(program("node"))
    if not is_complete():
        if not fetch:
            raise MissingPeersError("not installed; `scripts/node_peers` installs them")
        with alone():
            if not is_complete():
                install()
    packages = home() / "node_modules"
    return NodePeers(
        node=node,
        everything=packages / EVERYTHING / ENTRIES[EVERYTHING],
        inspector=packages / INSPECTOR / ENTRIES[INSPECTOR],
        packages=packages,
    )


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line and print one line a program."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="install nothing")
    chosen = parser.parse_args(arguments)
    try:
        found = node_peers(fetch=not chosen.check)
    except MissingPeersError as error:
        print(f"node peers: {error}", file=sys.stderr)
        return 1
    for name in ("node", "everything", "inspector", "packages"):
        print(f"{name}: {getattr(found, name)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
