"""The MCP programs from npm are installed once, whole, and their absence is said plainly."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import node_peers


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, and a PATH with a node that does nothing and an npm that only pretends."""
    home, tools = tmp_path / "home", tmp_path / "bin"
    tools.mkdir()
    made = "\n".join(
        f'mkdir -p "$3/node_modules/{name}/$(dirname {node_peers.ENTRIES.get(name, "x")})"\n'
        f'echo x > "$3/node_modules/{name}/{node_peers.ENTRIES.get(name, "x")}"\n'
        f'echo \'{{"version": "{version}"}}\' > "$3/node_modules/{name}/package.json"'
        for name, version in node_peers.PINNED.items()
    )
    (tools / "node").write_text("#!/bin/sh\n")
    (tools / "npm").write_text(f'#!/bin/sh\necho "$@" >> "{tmp_path}/asked"\n{made}\n')
    for tool in tools.iterdir():
        tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:/usr/bin:/bin")
    monkeypatch.setenv("RACTO_NODE_HOME", str(home))
    return tmp_path


def test_many_at_once_install_once(place: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(lambda _: node_peers.node_peers(), range(8)))
    (peers,) = found
    assert peers.everything.is_file()
    assert peers.inspector.is_file()
    (line,) = (place / "asked").read_text().splitlines()
    assert "--ignore-scripts" in line
    for package, version in node_peers.PINNED.items():
        assert f"{package}@{version}" in line


def test_what_broke_off_or_is_of_another_version_is_installed_again(place: Path) -> None:
    node_peers.node_peers()
    (place / "home" / "complete.json").unlink()
    node_peers.node_peers()
    manifest = place / "home" / "node_modules" / node_peers.SDK / "package.json"
    manifest.write_text(json.dumps({"version": "0.0.1"}))
    node_peers.node_peers()
    assert len((place / "asked").read_text().splitlines()) == 3
    node_peers.node_peers()
    assert len((place / "asked").read_text().splitlines()) == 3


def test_a_look_installs_nothing(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert node_peers.main(["--check"]) == 1
    assert "scripts/node_peers" in capsys.readouterr().err
    assert not (place / "asked").exists()
    assert node_peers.main([]) == 0
    assert "server-everything" in capsys.readouterr().out
    assert node_peers.main(["--check"]) == 0


def test_a_failure_shows_what_npm_said(place: Path) -> None:
    (place / "bin" / "npm").write_text("#!/bin/sh\necho 'no such registry' >&2\nexit 7\n")
    with pytest.raises(node_peers.MissingPeersError, match="no such registry"):
        node_peers.node_peers()
    assert not node_peers.is_complete()


def test_without_node_the_error_says_what_to_install(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(place))
    with pytest.raises(node_peers.MissingPeersError, match=r"Node\.js 20"):
        node_peers.node_peers()
