"""A login through the browser from the command line: once, and never shown."""

from __future__ import annotations

import importlib.util
import stat
import sys
import webbrowser
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from mcp.server.auth.routes import create_auth_routes
from mcp.server.auth.settings import ClientRegistrationOptions
from pydantic import AnyHttpUrl


@pytest.fixture
def servers() -> ModuleType:
    """The servers that the tests of logins are run against."""
    path = Path(__file__).parent.parent / "auth" / "conftest.py"
    spec = importlib.util.spec_from_file_location("mcp_auth_servers", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def authority(servers: ModuleType) -> Any:
    """Who issues tokens."""
    return servers.Authority()


@pytest.fixture
def guarded(servers: ModuleType, authority: Any) -> Iterator[str]:
    """URL of a server that lets nobody in without a login."""
    from starlette.applications import Starlette
    from starlette.routing import Route

    harbour = servers.Harbour()

    def make(url: str) -> Starlette:
        options = ClientRegistrationOptions(
            enabled=True, valid_scopes=servers.SCOPES, default_scopes=["read"]
        )
        routes = create_auth_routes(authority, AnyHttpUrl(url), client_registration_options=options)
        return Starlette(routes=[Route("/token", authority.token, methods=["POST"]), *routes])

    yield servers.Guarded(harbour, authority, harbour.serve(make)).url
    harbour.stop()


@pytest.fixture
def browser(servers: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A browser that allows whatever it is shown."""
    made = servers.Browser()
    monkeypatch.setattr(webbrowser, "open", made)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    return made


def test_a_login_is_kept_and_shown_to_nobody(
    quick: Any, guarded: str, browser: Any, authority: Any, tmp_path: Path
) -> None:
    assert quick("list", guarded).returncode == 3
    done = quick("call", guarded, "whoami", "--login", "-vv")
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(" read\n")
    assert browser.visits[0] in done.stderr
    assert authority.access
    for token in [*authority.access, *authority.refresh]:
        assert token not in done.stdout + done.stderr
    (kept,) = (tmp_path / "settings").rglob("logins.json")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600

    again = quick("list", guarded, "--login")
    assert again.returncode == 0, again.stderr
    assert len(browser.visits) == 1


def test_a_login_that_is_refused(quick: Any, guarded: str, browser: Any, authority: Any) -> None:
    authority.is_denying = True
    done = quick("list", guarded, "--login")
    assert done.returncode == 3
    assert "access_denied" in done.stderr
    assert done.stdout == ""
