"""``racto-rag ingest``: dry runs, facts, copies, encodings, and what is left out."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

Run = Callable[..., subprocess.CompletedProcess[str]]


def passages(command: Run, *arguments: str) -> list[str]:
    done = command("search", "pump bread", "--mode", "keywords", "--json", *arguments)
    assert done.returncode == 0, done.stderr
    return sorted(Path(entry["source"]).name for entry in json.loads(done.stdout))


def test_a_dry_run_leaves_no_trace(command: Run, docs: Path, tmp_path: Path) -> None:
    told = command("ingest", "docs", "--dry-run")
    assert told.returncode == 0, told.stderr
    assert "2 ingested (2 new" in told.stdout
    assert "nothing was embedded or stored" in told.stdout
    assert not (tmp_path / ".racto").exists()
    command("ingest", "docs")
    (docs / "bread.txt").unlink()
    told = command("ingest", "docs", "--dry-run")
    assert "1 unchanged, 1 removed" in told.stdout
    assert passages(command) == ["bread.txt", "pump.md"]


def test_facts_are_there_to_filter_by(command: Run, docs: Path) -> None:
    command("ingest", "docs/pump.md", "--metadata", "team=hr", "--metadata", "year=2026")
    command("ingest", "docs/bread.txt", "--metadata", "team=kitchen", "--metadata", "year=2025")
    assert passages(command, "--filter", "team=hr") == ["pump.md"]
    assert passages(command, "--filter", "year=2025") == ["bread.txt"]
    assert passages(command, "--filter", "team=hr", "--filter", "year=2025") == []
    asked = command("ask", "How long is the pump guaranteed?", "--filter", "team=kitchen", "--json")
    assert not json.loads(asked.stdout)["is_grounded"]
    wrong = command("search", "pump", "--filter", "team")
    assert wrong.returncode == 2
    assert "'team' is not KEY=VALUE" in wrong.stderr


def test_copies_are_told_and_kept_on_request(command: Run, docs: Path) -> None:
    (docs / "copy.md").write_bytes((docs / "pump.md").read_bytes())
    assert "1 duplicates" in command("ingest", "docs").stdout
    assert passages(command) == ["bread.txt", "copy.md"]
    assert "1 ingested" in command("ingest", "docs", "--keep-duplicates").stdout
    assert passages(command) == ["bread.txt", "copy.md", "pump.md"]


def test_text_of_an_old_encoding_is_read_when_it_is_named(command: Run, docs: Path) -> None:
    (docs / "alt.txt").write_bytes("Der Bär sagt pump für dich.".encode("cp1252"))
    assert command("ingest", "docs").returncode == 3
    done = command("ingest", "docs", "--encoding", "cp1252")
    assert done.returncode == 0, done.stdout
    assert "alt.txt" in passages(command)
    assert command("ingest", "docs", "--encoding", "klingon").returncode == 2


def test_only_some_files_are_read(command: Run, docs: Path) -> None:
    command("ingest", "docs", "--include", "*.md")
    assert passages(command) == ["pump.md"]


def test_another_chunker_is_remembered(command: Run, docs: Path) -> None:
    assert command("ingest", "docs", "--chunker", "markdown").returncode == 0
    again = command("ingest", "docs")
    assert "2 unchanged" in again.stdout
    assert "MarkdownChunker" in command("status").stdout
    assert "2 changed" in command("ingest", "docs", "--chunker", "recursive").stdout
    wrong = command("ingest", "docs", "--chunker", "sentence", "--overlap", "9")
    assert wrong.returncode == 2


def test_a_name_is_included_at_any_depth(command: Run, docs: Path) -> None:
    (docs / "sub").mkdir()
    (docs / "sub" / "deep.md").write_text("# Deep\n\nA pump lies deep.")
    command("ingest", "docs", "--include", "*.md")
    assert passages(command) == ["deep.md", "pump.md"]
    wrong = command("ingest", "docs", "--include", "[z-a]")
    assert wrong.returncode == 2
    assert "no pattern" in wrong.stderr


def test_tables_and_records_are_read_in_an_old_encoding_too(command: Run, docs: Path) -> None:
    (docs / "t.csv").write_bytes("name;tier\nBär;pump".encode("cp1252"))
    (docs / "r.jsonl").write_text('{"name": "pump"}\n')
    assert command("ingest", "docs", "--encoding", "cp1252").returncode == 0
    found = json.loads(command("search", "pump", "--mode", "keywords", "--json").stdout)
    assert any("name: pump" in hit["content"] for hit in found if hit["source"].endswith("jsonl"))
    assert any("Bär" in hit["content"] for hit in found)
