"""The command: checks say what is wrong, and an open server has to be asked for."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

import pytest

from racto.retrieval.server.command import _Reload, main
from racto.retrieval.server.http import Application, Services
from racto.retrieval.server.registry import Registry, builtin

GOOD = '{"services": [{"name": "merge", "engine": "RRF", "config": {}}]}'


def test_a_check_says_that_all_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", GOOD]) == 0
    assert "right" in capsys.readouterr().out


def test_a_check_lists_mistakes(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    path.write_text(GOOD.replace("RRF", "Missing"))
    assert main(["check", str(path)]) == 2
    assert "services[0].engine: there is no engine 'Missing'" in capsys.readouterr().err
    assert main(["check", str(tmp_path / "none.json")]) == 2
    assert "cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "example.org"])
def test_an_address_for_others_needs_a_key(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    for name in ("RACTO_API_KEY", "ROUTIR_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    assert main([GOOD, "--host", host]) == 2
    assert "--without-keys" in capsys.readouterr().err


def test_a_key_of_the_environment_counts(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROUTIR_API_KEY", "short")
    assert main([GOOD]) == 2
    assert "key 1 must have" in capsys.readouterr().err


@pytest.mark.parametrize("where", ["option", "config"])
def test_an_empty_key_is_a_mistake_and_opens_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    monkeypatch.setattr("racto.retrieval.server.command.serve", lambda *_, **__: None)
    monkeypatch.setenv("SEARCH_KEY", "")
    config = GOOD if where == "option" else GOOD[:-1] + ', "http": {"api_keys": ["${SEARCH_KEY}"]}}'
    assert main([config, *(["--api-key", ""] if where == "option" else [])]) == 2
    assert "key 1 must have" in capsys.readouterr().err


async def test_a_signal_during_a_reload_is_followed_by_another() -> None:
    class Held(_Reload):
        runs = 0

        async def _reloaded(self) -> None:
            self.runs += 1
            await gate.wait()

    gate = asyncio.Event()
    registry = builtin(Registry())
    reload = Held(argparse.Namespace(), Application(Services(registry)))
    reload()
    await asyncio.sleep(0)
    # The file may have changed after it was read: two more signals are one more reading.
    reload()
    reload()
    gate.set()
    await asyncio.wait_for(reload.done(), 5)
    assert reload.runs == 2
