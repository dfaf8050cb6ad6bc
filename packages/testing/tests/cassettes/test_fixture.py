"""The fixture ``cassette``: a recording for each test, beside the test's file."""

from __future__ import annotations

from pathlib import Path

import pytest

from racto.testing import OpenAIServer, Reply

pytest_plugins = ["pytester"]

TESTS = """
import json
import urllib.request

import pytest


@pytest.mark.parametrize("word", ["a/b", "c d"])
def test_words(cassette, word):
    server = cassette(upstream={url!r}, mode={mode!r})
    body = {{"model": "m", "messages": [{{"role": "user", "content": word + {more!r}}}]}}
    headers = {{"authorization": "Bearer test-key", "content-type": "application/json"}}
    url = server.url + "/chat/completions"
    with urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), headers)) as reply:
        assert json.load(reply)["choices"][0]["message"]["content"] == "ok"
    {ending}
"""
KEPT = ["test_words-a-b.json", "test_words-c-d.json"]


def run(
    pytester: pytest.Pytester, url: str, mode: str, *, more: str = "", ending: str = ""
) -> pytest.RunResult:
    pytester.makepyfile(test_it=TESTS.format(url=url, mode=mode, more=more, ending=ending))
    # In this process the run would drop modules that the HTTP client has loaded and still uses.
    return pytester.runpytest_subprocess("-p", "no:asyncio", "-p", "no:cacheprovider")


def recordings(pytester: pytest.Pytester) -> list[Path]:
    return sorted((pytester.path / "cassettes").rglob("*.json"))


def test_a_test_finds_its_own_recording(pytester: pytest.Pytester) -> None:
    with OpenAIServer() as real:
        run(pytester, real.url, "record").assert_outcomes(passed=2)
    assert [path.name for path in recordings(pytester)] == KEPT
    run(pytester, "http://127.0.0.1:9", "replay").assert_outcomes(passed=2)
    another = run(pytester, "http://127.0.0.1:9", "replay", more="!")
    another.stdout.fnmatch_lines(["*no unused answer*"])
    assert another.parseoutcomes()["failed"] == 2


@pytest.mark.parametrize("ending", ["raise KeyError", "pytest.fail('so')", "pytest.skip('so')"])
def test_a_test_that_fails_keeps_nothing(pytester: pytest.Pytester, ending: str) -> None:
    with OpenAIServer() as real:
        result = run(pytester, real.url, "record", ending=ending)
        assert len(real.requests) == 2
    assert "passed" not in result.parseoutcomes()
    assert recordings(pytester) == []


def test_a_test_that_fails_leaves_the_old_recording(pytester: pytest.Pytester) -> None:
    with OpenAIServer() as real:
        run(pytester, real.url, "record")
        old = [path.read_bytes() for path in recordings(pytester)]
        real.default = Reply(text="another")
        run(pytester, real.url, "record").assert_outcomes(failed=2)
    assert [path.read_bytes() for path in recordings(pytester)] == old
