"""``racto-rag ask --model`` over real HTTP: the kit is found by its name, its words are checked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from racto.testing import AnthropicServer, OpenAIServer, Reply

QUESTION = "How long is the pump guaranteed?"
ANSWER = "For five years [1], they say on the moon [9]."


def racto_rag(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    private = ("OPENAI_", "ANTHROPIC_", "RACTO_")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(private)}
    return subprocess.run(
        [Path(sys.executable).with_name("racto-rag"), *arguments],
        cwd=folder, env=kept | variables, capture_output=True, text=True, encoding="utf-8",
        check=False,
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pump.md").write_text("# Pump\n\nThe pump is guaranteed for five years.\n")
    assert racto_rag(tmp_path, "ingest", "pump.md").returncode == 0
    return tmp_path


def test_the_model_answers_and_its_citations_are_checked(
    folder: Path, openai_server: OpenAIServer
) -> None:
    openai_server.say(ANSWER)
    asked = ("ask", QUESTION, "--model", "m", "--base-url", openai_server.url)
    done = racto_rag(folder, *asked, "--json", "--key-env", "MY_KEY", MY_KEY=openai_server.key)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["answer"] == ANSWER
    assert [(c["number"], c["is_supported"]) for c in answer["citations"]] == [
        (1, True),
        (9, False),
    ]
    assert answer["citations"][0]["quote"] == "The pump is guaranteed for five years."
    (request,) = openai_server.requests
    assert request.json["model"] == "m"
    assert "temperature" not in request.json
    assert "<source number=" in json.dumps(request.json["messages"])
    assert not request.json.get("stream")


def test_people_see_the_answer_as_it_comes(folder: Path, openai_server: OpenAIServer) -> None:
    openai_server.add(Reply(text=("For five years [1], ", "they say on the moon [9].")))
    asked = ("ask", QUESTION, "--model", "m", "--base-url", openai_server.url)
    shown = racto_rag(folder, *asked, "--key-env", "MY_KEY", MY_KEY=openai_server.key)
    assert shown.returncode == 0, shown.stderr
    assert f"  {ANSWER}\n\n  [1] pump.md" in shown.stdout
    assert "[9] no such source: not supported" in shown.stdout
    assert openai_server.last.json["stream"]


def test_a_key_of_the_environment_stays_with_its_own_server(
    folder: Path, openai_server: OpenAIServer
) -> None:
    secret = "sk-proj-abcdefghijklmnop"
    asked = ("ask", QUESTION, "--model", "m", "--base-url", openai_server.url, "--json")
    done = racto_rag(folder, *asked, OPENAI_API_KEY=secret)
    # The server wants its own key, and is shown none but a placeholder.
    assert done.returncode == 2
    assert all(secret not in str(request.headers) for request in openai_server.requests)
    # Key and server that stand side by side in the environment belong together.
    openai_server.say(ANSWER)
    together = racto_rag(
        folder, "ask", QUESTION, "--model", "m", "--json",
        OPENAI_API_KEY=openai_server.key, OPENAI_BASE_URL=openai_server.url,
    )  # fmt: skip
    assert together.returncode == 0, together.stderr


def test_another_provider_is_one_option_away(
    folder: Path, anthropic_server: AnthropicServer
) -> None:
    anthropic_server.say(ANSWER)
    done = racto_rag(
        folder, "ask", QUESTION, "--kit", "anthropic", "--model", "claude-sonnet-4-5", "--json",
        "--base-url", anthropic_server.url, "--key-env", "MY_KEY", MY_KEY=anthropic_server.key,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["answer"] == ANSWER


def test_a_key_that_is_not_there_is_named(folder: Path) -> None:
    done = racto_rag(folder, "ask", "How long?", "--model", "m", "--key-env", "MY_KEY")
    assert done.returncode == 2
    assert "MY_KEY is not set" in done.stderr


def test_a_server_that_refuses_is_one_clear_line(folder: Path, openai_server: OpenAIServer) -> None:
    openai_server.fail("not_found", message="no such model")
    done = racto_rag(
        folder, "ask", "How long?", "--model", "m", "--base-url", openai_server.url,
        "--key-env", "MY_KEY", MY_KEY=openai_server.key,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("racto-rag: ")
    assert done.stderr.count("\n") == 1
    assert "no such model" in done.stderr
