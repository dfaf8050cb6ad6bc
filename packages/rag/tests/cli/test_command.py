"""racto-rag from the outside: what it prints, and the exit codes that its help promises."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a4944415478"
    "9c636000000002000148afa4710000000049454e44ae426082"
)


def one_line(error: str) -> bool:
    return error.startswith("racto-rag: ") and error.count("\n") == 1 and "Traceback" not in error


def test_the_whole_story(command: Run, docs: Path) -> None:
    ingested = command("ingest", "docs")
    assert ingested.returncode == 0, ingested.stderr
    assert "2 ingested (2 new, 0 changed)" in ingested.stdout
    assert ingested.stderr == ""

    again = command("ingest", "docs")
    assert "0 ingested" in again.stdout
    assert "2 unchanged" in again.stdout

    asked = command("ask", "How long is the pump guaranteed?")
    assert asked.returncode == 0, asked.stderr
    assert "“The pump is guaranteed for five years.” [1]" in asked.stdout.replace("\n", " ")
    assert "[1] docs/pump.md" in asked.stdout.replace("\\", "/")
    assert "--model" in asked.stdout

    lost = command("ask", "Who is the mayor of Oslo?")
    assert lost.returncode == 0
    assert "The documents do not say." in lost.stdout

    searched = command("search", "bread degrees", "--top-k", "1")
    assert searched.returncode == 0
    assert "1. docs" in searched.stdout
    assert "Bake the bread" in searched.stdout

    status = command("status")
    assert status.returncode == 0
    assert "HashEmbedder (64 dimensions)" in status.stdout
    assert "RecursiveChunker, size 512, overlap 50" in status.stdout


def test_json_for_other_programs(command: Run, docs: Path) -> None:
    command("ingest", "docs")
    answer = json.loads(command("ask", "How long is the pump guaranteed?", "--json").stdout)
    assert answer["is_grounded"] is True
    (citation,) = (c for c in answer["citations"] if "five years" in c["quote"])
    text = (docs / "pump.md").read_text()
    assert text[citation["start"] : citation["end"]] == citation["quote"]
    (hit,) = json.loads(command("search", "bread", "--json", "--mode", "keywords").stdout)
    assert hit["rank"] == 1
    assert hit["content"].startswith("Bake the bread")
    status = json.loads(command("status", "--json").stdout)
    assert (status["sources"], status["skipped"], status["chunk_size"]) == (2, [], 512)


def test_files_that_cannot_be_read_are_listed_and_the_exit_code_says_so(
    command: Run, docs: Path
) -> None:
    (docs / "empty.txt").touch()
    (docs / "binary.txt").write_bytes(b"\x00\x01\xff\xfe" * 300)
    (docs / "photo.png").write_bytes(PIXEL)
    (docs / "tool.bin").write_bytes(b"\x00\x01")
    done = command("ingest", "docs")
    assert done.returncode == 3, done.stderr
    assert "2 ingested" in done.stdout
    assert "2 skipped" in done.stdout
    assert "empty.txt" in done.stdout
    assert "binary.txt" in done.stdout
    assert "2 ignored" in done.stdout
    assert ".png 1, .bin 1" in done.stdout
    # Who names a picture wants to hear of it.
    assert "photo.png" in command("ingest", "docs/photo.png").stdout
    status = command("status")
    assert status.returncode == 0
    assert "binary.txt" in status.stdout


def test_nothing_but_the_summary_speaks(command: Run, docs: Path) -> None:
    (docs / "broken.pdf").write_bytes(b"no PDF at all\n" * 20)
    (docs / "half.pdf").write_bytes(b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n")
    done = command("ingest", "docs")
    assert done.returncode == 3
    assert done.stderr == ""
    assert "broken.pdf" in done.stdout
    assert "half.pdf" in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
def test_names_and_texts_cannot_command_the_terminal(command: Run, docs: Path) -> None:
    (docs / "a\x1b[2J\nforged line.txt").write_text("The mast\x1b[31m is made of cedar wood.\n")
    ingested = command("ingest", "docs")
    asked = command("ask", "What is the mast made of?")
    searched = command("search", "cedar mast")
    gone = command("ingest", "a\x1b[2J")
    for done in (ingested, asked, searched, gone):
        assert "\x1b" not in done.stdout + done.stderr
        assert "\nforged" not in done.stdout
    assert "cedar wood" in asked.stdout
    assert "a\\x1b[2J forged line.txt" in asked.stdout


def test_settings_of_the_index_are_kept(command: Run, docs: Path) -> None:
    command("ingest", "docs", "--chunk-size", "40", "--overlap", "5")
    assert "size 40, overlap 5" in command("status").stdout
    (docs / "new.txt").write_text("A new note. " * 30)
    second = command("ingest", "docs")
    assert "1 ingested (1 new, 0 changed), 2 unchanged" in second.stdout
    assert "size 40, overlap 5" in command("status").stdout
    third = command("ingest", "docs", "--chunk-size", "200")
    assert "3 ingested (0 new, 3 changed)" in third.stdout


def test_excluding(command: Run, docs: Path) -> None:
    done = command("ingest", "docs", "--exclude", "*.txt")
    assert "1 ingested" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        ([], "racto-rag --help"),
        (["frobnicate"], "choose from"),
        (["ask"], "question"),
        (["ask", "why?"], "racto-rag ingest"),
        (["search", "x", "--top-k", "0"], "1 or more"),
        (["ingest", "nowhere"], "no file or folder nowhere"),
        (["ingest", "docs", "--chunk-size", "10", "--overlap", "10"], "overlap"),
        (["ingest", "docs", "--index", "docs"], "is not a racto index"),
        (["status", "--index", "docs/pump.md"], "is a file"),
        (["ingest", "docs", "--embedder", "psychic"], "psychic"),
    ],
)
def test_mistakes_are_one_clear_line(
    command: Run, docs: Path, arguments: list[str], advice: str
) -> None:
    done = command(*arguments)
    assert done.returncode == 2
    assert one_line(done.stderr), done.stderr
    assert advice in done.stderr
    assert sorted(path.name for path in docs.iterdir()) == ["bread.txt", "pump.md"]


def test_another_embedder_is_refused_with_the_way_out(command: Run, docs: Path) -> None:
    command("ingest", "docs")
    for arguments in (("ask", "why?"), ("ingest", "docs")):
        done = command(*arguments, RACTO_EMBEDDER="tiny")
        assert done.returncode == 2
        assert one_line(done.stderr)
        assert "vectors of length 64" in done.stderr
        assert "--index" in done.stderr
    assert command("search", "bread", "--mode", "keywords").returncode == 0


def test_a_corrupt_index_is_one_clear_line(command: Run, docs: Path, tmp_path: Path) -> None:
    command("ingest", "docs")
    file = tmp_path / ".racto" / "index" / "index.sqlite3"
    damaged = file.read_bytes()[:100] + b"\xa5" * 8000
    file.write_bytes(damaged)
    for arguments in (("status",), ("ask", "why?"), ("ingest", "docs")):
        done = command(*arguments)
        assert done.returncode == 2
        assert one_line(done.stderr), done.stderr
        assert "damaged" in done.stderr
    assert file.read_bytes() == damaged


@pytest.mark.parametrize(
    ("arguments", "variables", "advice"),
    [
        (["--model", "m"], {}, "OPENAI_API_KEY"),
        (["--base-url", "http://127.0.0.1:9"], {}, "--model"),
    ],
)
def test_half_a_model_is_refused(
    command: Run, docs: Path, arguments: list[str], variables: dict[str, str], advice: str
) -> None:
    command("ingest", "docs")
    done = command("ask", "How long is the pump guaranteed?", *arguments, **variables)
    assert done.returncode == 2
    assert one_line(done.stderr)
    assert advice in done.stderr


def test_a_key_without_a_model_is_only_a_hint(command: Run, docs: Path) -> None:
    command("ingest", "docs")
    done = command("ask", "How long is the pump guaranteed?", OPENAI_API_KEY="sk-secret-12345678")
    assert done.returncode == 0
    assert "OPENAI_API_KEY is set: add --model NAME" in done.stdout
    assert "sk-secret" not in done.stdout + done.stderr


def test_help_teaches(command: Run) -> None:
    top = command("--help")
    assert top.returncode == 0
    for word in ("first steps:", "exit codes:", "130", "ingest", "ask", "search", "status"):
        assert word in top.stdout
    for name in ("ingest", "ask", "search"):
        shown = command(name, "--help")
        assert shown.returncode == 0
        assert "examples:" in shown.stdout
    assert command("--version").stdout.startswith("racto-rag ")


def test_debug_shows_the_traceback(command: Run) -> None:
    done = command("status", "--debug")
    assert "Traceback" in done.stderr
    assert "ConfigurationError" in done.stderr


def test_output_survives_a_terminal_without_unicode(command: Run, docs: Path) -> None:
    command("ingest", "docs")
    done = command("ask", "How long is the pump guaranteed?", PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert "The pump is guaranteed for five years." in done.stdout
