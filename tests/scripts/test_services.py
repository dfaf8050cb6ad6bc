"""Services are found where they are, and what cannot be had is said plainly."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import chain, repeat
from pathlib import Path

import pytest

import services


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "HOME", tmp_path)
    for service in services.SERVICES.values():
        monkeypatch.delenv(service.variable, raising=False)


@pytest.fixture
def pong() -> Iterator[int]:
    """A port on which something greets as Redis does once, and after that as something else."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)

        def answer() -> None:
            replies = chain([b"+PONG\r\n"], repeat(b"HTTP/1.1 400\r\n"))
            while not over.is_set():
                with suppress(OSError):
                    link, _ = server.accept()
                    with link:
                        link.recv(64)
                        link.sendall(next(replies))

        worker = threading.Thread(target=answer)
        worker.start()
        yield server.getsockname()[1]
        over.set()
        worker.join()


def test_a_service_is_told_from_another_on_its_port(pong: int) -> None:
    redis = services.SERVICES["redis"]
    assert services.greets(redis, "127.0.0.1", pong)
    assert not services.greets(redis, "127.0.0.1", pong)


def test_a_closed_port_is_no_service() -> None:
    assert not services.greets(services.SERVICES["redis"], "127.0.0.1", services.free_port())


def test_the_variable_comes_first(pong: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RACTO_TEST_REDIS", f"redis://127.0.0.1:{pong}/0")
    found = services.locate(services.SERVICES["redis"])
    assert found == (f"redis://127.0.0.1:{pong}/0", "from RACTO_TEST_REDIS")


def test_a_variable_that_leads_nowhere_is_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RACTO_TEST_REDIS", f"redis://127.0.0.1:{services.free_port()}/0")
    assert services.main(["start", "redis"]) == 1
    assert "does not answer" in capsys.readouterr().err


def test_stopping_what_was_not_started_here_does_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert services.main(["stop", "redis"]) == 0
    assert capsys.readouterr().out == "redis: not started here\n"


def command(home: Path, *arguments: str) -> str:
    script = Path(services.__file__)
    environment = os.environ | {"RACTO_SERVICES_HOME": str(home)}
    done = subprocess.run(
        [sys.executable, str(script), *arguments],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("redis-server"), reason="needs redis-server on PATH")
def test_a_server_of_our_own_starts_and_stops(tmp_path: Path) -> None:
    line = command(tmp_path, "start", "redis", "--own", "--exports")
    address = line.removeprefix("export RACTO_TEST_REDIS='").rstrip("'")
    redis = services.SERVICES["redis"]
    assert services.reachable(redis, address)
    assert command(tmp_path, "start", "redis", "--own") == f"redis: {address} (started here)"
    assert command(tmp_path, "stop", "redis") == "redis: stopped"
    assert not services.reachable(redis, address)


@pytest.mark.slow
@pytest.mark.skipif(not services.installed("mariadbd"), reason="needs mariadbd")
def test_a_mariadb_of_our_own_starts_with_a_user_and_stops(tmp_path: Path) -> None:
    line = command(tmp_path, "start", "mariadb", "--own", "--exports")
    address = line.removeprefix("export RACTO_TEST_MARIADB='").rstrip("'")
    mariadb = services.SERVICES["mariadb"]
    assert services.reachable(mariadb, address)
    assert services.lets_in(address)
    assert not services.lets_in(address.replace("racto-tests", "another"))
    assert command(tmp_path, "stop", "mariadb") == "mariadb: stopped"
    assert not services.reachable(mariadb, address)


def test_a_server_that_lets_nobody_in_is_no_mariadb(monkeypatch: pytest.MonkeyPatch) -> None:
    port = services.free_port()
    assert not services.lets_in(f"mysql://racto:wrong@127.0.0.1:{port}/")
    mariadb = replace(services.SERVICES["mariadb"], suits=lambda address: False)
    monkeypatch.setattr(services, "greets", lambda service, host, port: True)
    assert services.locate(mariadb) is None


@pytest.mark.parametrize(
    ("required", "outcome"), [("1", pytest.fail.Exception), ("", pytest.skip.Exception)]
)
def test_an_absent_service_skips_a_test_and_fails_it_in_ci(
    required: str,
    outcome: type[BaseException],
    address_of: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RACTO_REQUIRE_SERVICES", required)
    monkeypatch.setenv("RACTO_TEST_REDIS", f"redis://127.0.0.1:{services.free_port()}/0")
    with pytest.raises(outcome, match="redis is not running"):
        address_of("redis")


def test_a_service_that_runs_gives_its_address(
    pong: int, address_of: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RACTO_TEST_REDIS", f"redis://127.0.0.1:{pong}/0")
    assert address_of("redis") == f"redis://127.0.0.1:{pong}/0"


def test_a_server_without_the_extension_is_no_pgvector(
    pong: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    address = f"postgresql://nobody@127.0.0.1:{pong}/none"
    assert not services.has_vector(address)
    pgvector = services.SERVICES["pgvector"]
    monkeypatch.setattr(services, "greets", lambda service, host, port: True)
    monkeypatch.setitem(
        services.SERVICES, "pgvector", replace(pgvector, suits=lambda address: False)
    )
    assert services.locate(services.SERVICES["pgvector"]) is None
    monkeypatch.setenv("RACTO_TEST_PGVECTOR", address)
    assert services.locate(services.SERVICES["pgvector"]) is None
    assert services.main(["start", "pgvector"]) == 1
    assert "does not answer as pgvector" in capsys.readouterr().err
