"""The command ``racto-cache``: figures, JSON, a page, and exit codes that scripts can trust."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from racto.cache.cli import DONE, FAILED, UNSURE, main
from racto.core import discovery
from racto.core.testing import HashEmbedder

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def words(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plug-in ``words`` that takes a model, as the installed ones do."""

    def create(group: str, name: str, **options: str) -> Any:
        assert group == "racto.embedders"
        if name != "words":
            return original(group, name, **options)
        assert options in ({}, {"model": "m"})
        return HashEmbedder(64)

    original = discovery.create
    monkeypatch.setattr(discovery, "create", create)
    monkeypatch.setenv("RACTO_EMBEDDER", "words")


@pytest.fixture
def pairs(tmp_path: Path) -> str:
    file = tmp_path / "pairs.csv"
    lines = [f"how to reset {n},to reset how {n},1" for n in range(400)]
    lines += [f"flights on day {n},recipes with beans {n},0" for n in range(50)]
    file.write_text("first,second,same\n" + "\n".join(lines) + "\n")
    return str(file)


def test_table(pairs: str, capsys: Capture) -> None:
    assert main(["calibrate", pairs]) == DONE
    printed, errors = capsys.readouterr()
    assert errors == ""
    assert "400 pairs ask the same, 50 do not." in printed
    assert "recommended: similarity_threshold=1\n" in printed
    assert "warning" not in printed


def test_json_and_model(pairs: str, capsys: Capture) -> None:
    assert main(["calibrate", pairs, "--embedder", "words", "--model", "m", "--json"]) == DONE
    data = json.loads(capsys.readouterr().out)
    assert (data["same"], data["different"], len(data["thresholds"])) == (400, 50, 51)
    assert data["recommended"] == 1.0


def test_few_pairs_are_code_3(pairs: str, tmp_path: Path, capsys: Capture) -> None:
    few = tmp_path / "few.csv"
    kept = Path(pairs).read_text().splitlines()
    few.write_text("\n".join(kept[:5] + kept[-5:]))
    assert main(["calibrate", str(few), "--thresholds", "0.9,0.95"]) == UNSURE
    assert "warning: too few pairs: 4 hits" in capsys.readouterr().out


def test_plot(pairs: str, tmp_path: Path) -> None:
    pytest.importorskip("plotly")
    page = tmp_path / "page.html"
    assert main(["calibrate", pairs, "--plot", str(page)]) == DONE
    assert "pairs.csv, words" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "required: COMMAND; see: racto-cache --help"),
        (["calibrate"], "required: FILE"),
        (["calibrate", "none.csv"], "none.csv cannot be read"),
        (["calibrate", "{pairs}", "--thresholds", "high"], "not numbers with commas"),
        (["calibrate", "{pairs}", "--precision", "2"], "precision must be above 0"),
        (["calibrate", "{pairs}", "--limit", "0"], "--limit must be 1 or more"),
        (["calibrate", "{pairs}", "--limit", "9"], "do not ask the same"),
        (["calibrate", "{pairs}", "--embedder", "\x1b[2Jnone"], r"\x1b[2Jnone"),
    ],
)
def test_mistakes_take_one_line(
    arguments: list[str], message: str, pairs: str, capsys: Capture
) -> None:
    assert main([argument.format(pairs=pairs) for argument in arguments]) == FAILED
    printed, errors = capsys.readouterr()
    assert printed == ""
    assert errors.count("\n") == 1
    assert message in errors
    assert "\x1b" not in errors


def test_help_teaches(capsys: Capture) -> None:
    assert main(["calibrate", "--help"]) == DONE
    text = capsys.readouterr().out
    for word in ("first,second,same", "--plot", "exit codes", "RACTO_EMBEDDER"):
        assert word in text
    assert main(["--version"]) == DONE
    assert capsys.readouterr().out.startswith("racto-cache 0.")


def test_progress_only_in_a_terminal(
    pairs: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("rich")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert main(["calibrate", pairs, "--json"]) == DONE
    printed, errors = capsys.readouterr()
    assert json.loads(printed)["same"] == 400
    assert "450" in errors
