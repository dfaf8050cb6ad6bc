"""The command ``racto-finetune`` on data: what it prints, and exit codes that scripts can trust."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from racto.finetune import DatasetFile, RactoDataset
from racto.finetune.cli import DONE, FAILED, main
from racto.finetune.data_reports import FINDINGS

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def chats(tmp_path: Path) -> str:
    """Twelve pairs in OpenAI's format."""
    pairs = RactoDataset.from_pairs((f"q{n}", f"a{n}") for n in range(12))
    return str(pairs.export_jsonl(tmp_path / "chats.jsonl"))


def test_validate(chats: str, capsys: Capture) -> None:
    assert main(["validate", chats]) == DONE
    assert "12 examples, about " in (printed := capsys.readouterr().out)
    assert printed.endswith("for openai: fit\n")
    with Path(chats).open("a") as stream:
        stream.write('{"messages": []}\nno json\x1b[31m\n')
    assert main(["validate", chats, "--for", "gemini", "--most", "2"]) == FINDINGS
    printed = capsys.readouterr().out
    assert printed.startswith("error: line 13: there is no message [empty]\n")
    assert "and 1 more" not in printed
    assert "not fit, 2 errors" in printed


def test_validate_against_and_as_json(chats: str, tmp_path: Path, capsys: Capture) -> None:
    other = RactoDataset.from_pairs([("q3", "ann@host.test")]).export_jsonl(
        tmp_path / "v.jsonl", "gemini"
    )
    assert main(["validate", chats, "--against", str(other), "--json", "--personal"]) == FINDINGS
    data = json.loads(capsys.readouterr().out)
    assert (data["counts"], data["findings"][0]["line"]) == ({"leakage": 1}, 4)


def test_convert(chats: str, tmp_path: Path, capsys: Capture) -> None:
    target = str(tmp_path / "out.jsonl")
    assert main(["convert", chats, target, "--to", "gemini"]) == DONE
    assert "12 examples written to" in capsys.readouterr().err
    assert list(DatasetFile(target, "gemini")) == list(DatasetFile(chats))
    assert main(["convert", chats, target, "--to", "gemini"]) == FAILED
    assert "pass --overwrite to replace it" in capsys.readouterr().err
    assert main(["convert", chats, target, "--to", "trl", "--overwrite"]) == DONE


def test_convert_a_table_and_drop(tmp_path: Path, capsys: Capture) -> None:
    table = tmp_path / "a.csv"
    table.write_text("frage,antwort,id\nq,a,1\n")
    target = str(tmp_path / "out.jsonl")
    columns = ["--columns", "user=frage", "--columns", "assistant=antwort"]
    assert main(["convert", str(table), target, *columns]) == FAILED
    assert "or leave such things out with --drop" in capsys.readouterr().err
    assert main(["convert", str(table), target, *columns, "--drop"]) == DONE
    assert "left out 1 times: the field 'id'" in capsys.readouterr().err


def test_convert_to_parquet(chats: str, tmp_path: Path) -> None:
    pytest.importorskip("polars")
    target = tmp_path / "out.parquet"
    assert main(["convert", chats, str(target), "--to", "trl"]) == DONE
    assert RactoDataset.from_source(target) == RactoDataset.from_jsonl(chats)


def test_split_and_shuffle(chats: str, tmp_path: Path, capsys: Capture) -> None:
    assert main(["split", chats, "--ratio", "0.75", "--seed", "1"]) == DONE
    told = capsys.readouterr().err
    assert "9 examples written to" in told
    assert (tmp_path / "train.jsonl").read_text().count("\n") == 9
    assert (tmp_path / "validation.jsonl").read_text().count("\n") == 3
    assert main(["split", chats]) == FAILED
    assert main(["split", chats, "--no-leaks", "--overwrite"]) == DONE
    assert main(["shuffle", chats, str(tmp_path / "mixed.jsonl"), "--seed", "4"]) == DONE
    assert (tmp_path / "mixed.jsonl").read_text().count("\n") == 12


def test_summary_and_estimate(chats: str, tmp_path: Path, capsys: Capture) -> None:
    assert main(["summary", chats]) == DONE
    assert capsys.readouterr().out.startswith("12 examples (12 chat)")
    assert main(["summary", chats, "--json"]) == DONE
    assert json.loads(capsys.readouterr().out)["roles"] == {"user": 12, "assistant": 12}
    assert main(["estimate", chats, "--price", "25", "--epochs", "3"]) == DONE
    assert "3 epochs" in capsys.readouterr().out
    assert main(["estimate", chats, "--json"]) == DONE
    assert json.loads(capsys.readouterr().out)["epochs"] == 9


def test_a_plot(chats: str, tmp_path: Path) -> None:
    pytest.importorskip("plotly")
    assert main(["summary", chats, "--plot", str(tmp_path / "a.html")]) == DONE
    assert (tmp_path / "a.html").stat().st_size > 1_000


@pytest.mark.parametrize(
    "arguments",
    [
        ["validate", "none.jsonl"],
        ["validate", "FILE", "--for", "nothing"],
        ["validate", "FILE", "--most", "0"],
        ["convert", "FILE", "out.jsonl", "--columns", "x"],
        ["split", "FILE", "--ratio", "2"],
        ["estimate", "FILE", "--encoding", "nothing"],
        ["shuffle"],
        [],
    ],
    ids=range(8),
)
def test_mistakes_are_one_line(
    arguments: list[str], chats: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(chats).parent)
    assert main([chats if each == "FILE" else each for each in arguments]) == FAILED
    printed, told = capsys.readouterr()
    assert (printed, told.count("\n")) == ("", 1)
    assert told.startswith("racto-finetune: ")


def test_help_teaches(capsys: Capture) -> None:
    assert main(["--help"]) == DONE
    told = capsys.readouterr().out
    assert "exit codes:" in told
    for command in (
        "validate",
        "convert",
        "split",
        "shuffle",
        "summary",
        "estimate",
        "tune",
        "wait",
    ):
        assert main([command, "--help"]) == DONE
        assert "examples:" in capsys.readouterr().out, command
    assert main(["--version"]) == DONE
    assert capsys.readouterr().out.startswith("racto-finetune ")


def test_debug_shows_the_whole_error(chats: str) -> None:
    from racto.core.errors import ConfigurationError

    with pytest.raises(ConfigurationError):
        main(["validate", chats, "--for", "nothing", "--debug"])
