"""The command: checks say what is wrong, and an open server has to be asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from racto.retrieval.server.command import main

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
