"""Places for logins: kept, forgotten, shared by processes, and never overwritten when corrupt."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from mcp.shared.auth import OAuthClientInformationFull, OAuthToken

from racto.core import ConfigurationError
from racto.tools.mcp.auth import FileTokenStore, Login, MemoryTokenStore, TokenStore

SERVER = "https://mcp.example.com/mcp"
LOGIN = Login(
    tokens=OAuthToken(access_token="hidden-access", refresh_token="hidden-refresh", expires_in=60),
    expires_at=time.time() + 60,
    client=OAuthClientInformationFull(client_id="me", client_secret="hidden-secret"),
)

WRITER = """
import sys
from racto.tools.mcp.auth import FileTokenStore, Login
store = FileTokenStore(sys.argv[1])
store.load("https://there.example.com/")
print("ready", flush=True)
sys.stdin.readline()
for number in range(30):
    store.save(f"https://there.example.com/{number}", Login(expires_at=number))
"""


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, logins: Path) -> TokenStore:
    """One of each kind."""
    return MemoryTokenStore() if request.param == "memory" else FileTokenStore(logins)


def test_what_is_saved_is_loaded(store: TokenStore) -> None:
    assert isinstance(store, TokenStore)
    assert store.load(SERVER) is None
    store.save(SERVER, LOGIN)
    store.save("https://other.example.com/mcp", Login())
    assert store.load(SERVER) == LOGIN
    store.save(SERVER, Login(expires_at=1))
    assert store.load(SERVER) == Login(expires_at=1)
    assert store.load("https://other.example.com/mcp") == Login()


def test_forgetting_a_server_forgets_all_its_clients_and_no_other_server(store: TokenStore) -> None:
    kept = [f"{SERVER}/deeper", "https://mcp.example.com/", "https://mcp.example.com:444/mcp"]
    for key in [SERVER, f"{SERVER}#job", *kept]:
        store.save(key, LOGIN)
    store.forget("HTTPS://MCP.example.com/mcp")
    assert store.load(SERVER) is store.load(f"{SERVER}#job") is None
    assert [store.load(key) for key in kept] == [LOGIN] * 3
    store.forget("https://never.example.com/")


def test_reprs_hold_no_secret(store: TokenStore) -> None:
    store.save(SERVER, LOGIN)
    assert "hidden" not in f"{store!r} {LOGIN!r} {LOGIN}"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_nobody_else_may_read_the_file(logins: Path) -> None:
    before = os.umask(0)
    try:
        FileTokenStore(logins).save(SERVER, LOGIN)
    finally:
        os.umask(before)
    assert logins.parent.stat().st_mode & 0o777 == 0o700
    assert {path.name: path.stat().st_mode & 0o777 for path in logins.parent.iterdir()} == {
        "logins.json": 0o600,
        "logins.json.lock": 0o600,
    }


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_a_file_that_others_may_read_is_told_and_mended(
    logins: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = FileTokenStore(logins)
    store.save(SERVER, LOGIN)
    logins.chmod(0o644)
    assert store.load(SERVER) == LOGIN
    assert "chmod 600" in caplog.text
    store.save(SERVER, Login())
    assert logins.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="only root gives away")
def test_a_file_of_another_user_is_not_trusted(logins: Path) -> None:
    store = FileTokenStore(logins)
    store.save(SERVER, LOGIN)
    os.chown(logins, 65534, 65534)
    with pytest.raises(ConfigurationError, match="belongs to another user"):
        store.load(SERVER)


def test_processes_do_not_lose_each_others_changes(logins: Path) -> None:
    store = FileTokenStore(logins)
    command = [sys.executable, "-c", WRITER, str(logins)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        # Both begin when the other one is ready, which takes its time.
        assert other.stdout.readline() == b"ready\n"
        other.stdin.write(b"go\n")
        other.stdin.flush()
        for number in range(30):
            store.save(f"https://here.example.com/{number}", Login(expires_at=number))
    assert other.returncode == 0
    for name in ("here", "there"):
        for number in range(30):
            found = store.load(f"https://{name}.example.com/{number}")
            assert found == Login(expires_at=number)
    assert not list(logins.parent.glob(".*.part"))


async def test_tasks_do_not_lose_each_others_changes(logins: Path) -> None:
    store = FileTokenStore(logins)
    keys = [f"https://{number}.example.com/" for number in range(20)]
    await asyncio.gather(*(store.asave(key, LOGIN) for key in keys))
    assert await asyncio.gather(*(store.aload(key) for key in keys)) == [LOGIN] * 20
    await store.aforget(keys[0])
    assert await store.aload(keys[0]) is None


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"logins": []}', '{"logins": {}}', '{"format": 2, "logins": {}}'],
)
def test_a_corrupt_file_is_named_and_left_alone(text: str, logins: Path) -> None:
    logins.parent.mkdir()
    logins.write_text(text)
    logins.chmod(0o600)
    store = FileTokenStore(logins)
    for use in (lambda: store.load(SERVER), lambda: store.save(SERVER, LOGIN)):
        with pytest.raises(ConfigurationError, match=r"logins\.json cannot be used") as caught:
            use()
        assert caught.value.__cause__ is None
    assert logins.read_text() == text


def test_a_corrupt_entry_is_named_and_not_quoted(logins: Path) -> None:
    store = FileTokenStore(logins)
    store.save(SERVER, LOGIN)
    logins.write_text(logins.read_text().replace('"hidden-access"', '["hidden-access"]'))
    with pytest.raises(ConfigurationError, match="'access_token'") as caught:
        store.load(SERVER)
    assert "hidden" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    # Another server's login is another matter.
    assert store.load("https://other.example.com/") is None


def test_a_file_of_any_size_is_not_read(logins: Path) -> None:
    logins.parent.mkdir()
    with logins.open("wb") as file:
        file.truncate(9 * 2**20)
    with pytest.raises(ConfigurationError, match="larger than"):
        FileTokenStore(logins).load(SERVER)


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "settings").write_text("")
    store = FileTokenStore(tmp_path / "settings" / "logins.json")
    with pytest.raises(ConfigurationError, match=r"settings/logins\.json cannot be"):
        store.save(SERVER, LOGIN)


def test_a_write_that_fails_leaves_what_was_there(
    logins: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FileTokenStore(logins)
    store.save(SERVER, LOGIN)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(ConfigurationError, match="No space left"):
            store.save(SERVER, Login())
    assert store.load(SERVER) == LOGIN
    assert not list(logins.parent.glob(".*.part"))


def test_a_lock_that_is_never_given_back_is_named(
    logins: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from racto.tools.mcp.auth import safekeeping

    monkeypatch.setattr(safekeeping, "_PATIENCE", 0.05)
    store = FileTokenStore(logins)
    with safekeeping.locked(logins):
        with pytest.raises(ConfigurationError, match=r"logins\.json\.lock"):
            store.save(SERVER, LOGIN)
        assert store.load(SERVER) is None
    store.save(SERVER, LOGIN)


def test_the_file_is_among_the_users_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APPDATA" if sys.platform == "win32" else "XDG_CONFIG_HOME", str(tmp_path))
    assert FileTokenStore().path == tmp_path / "racto" / "mcp" / "logins.json"
    assert "logins.json" in repr(FileTokenStore())
