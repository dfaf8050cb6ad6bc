"""``racto-rag serve-mcp``: the documents of an index as tools of any program that speaks MCP."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from racto.tools.mcp import MCPClientConfig, RactoMCPClient


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pump.md").write_text("# Pump\n\nThe pump is guaranteed for five years.\n")
    command = Path(sys.executable).with_name("racto-rag")
    done = subprocess.run(
        [command, "ingest", "pump.md"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return tmp_path


def test_a_client_finds_passages_and_gets_cited_answers(folder: Path) -> None:
    config = MCPClientConfig(
        command=str(Path(sys.executable).with_name("racto-rag")),
        args=["serve-mcp", "--index", str(folder / ".racto" / "index")],
    )
    with RactoMCPClient(config) as client:
        assert sorted(tool.name for tool in client.list_tools_sync()) == ["ask", "search"]
        found = client.call_tool_sync("search", {"query": "pump", "top_k": 1})
        answered = client.call_tool_sync("ask", {"question": "How long is the pump guaranteed?"})
    assert not found.is_error
    assert "five years" in str(found.structured)
    assert "pump.md" in str(found.structured)
    answer = answered.structured
    assert answer is not None
    assert answer["is_grounded"]
    assert answer["citations"][0]["quote"] == "The pump is guaranteed for five years."
