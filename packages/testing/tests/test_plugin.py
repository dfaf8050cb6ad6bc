"""The plugin in a pytest run of its own, as a user's."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytest_plugins = ["pytester"]


def test_each_provider_has_a_fixture(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest
        from racto.testing import LoopbackServer

        NAMES = "openai anthropic gemini ollama huggingface voyage".split()

        @pytest.mark.parametrize("name", NAMES)
        def test_it_serves(name, request):
            server = request.getfixturevalue(f"{name}_server")
            assert isinstance(server, LoopbackServer)
            assert type(server).__name__.lower() == f"{name}server"
            assert server.url.startswith("http://127.0.0.1:")
        """
    )
    pytester.runpytest_inprocess("-p", "no:asyncio").assert_outcomes(passed=6)


def test_a_broken_rule_fails_the_test_that_made_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import urllib.request, urllib.error, json

        def test_passes_by_mistake(openai_server):
            openai_server.when(lambda request: 1 / 0)
            body = {"model": "m", "messages": [{"role": "user", "content": "x"}]}
            headers = {"authorization": "Bearer test-key"}
            url = openai_server.url + "/chat/completions"
            asked = urllib.request.Request(url, json.dumps(body).encode(), headers)
            try:
                urllib.request.urlopen(asked)
            except urllib.error.HTTPError as error:
                error.close()
        """
    )
    result = pytester.runpytest_inprocess("-p", "no:asyncio")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*ZeroDivisionError*"])


def test_loading_the_plugin_loads_no_server() -> None:
    code = """
import sys, racto.testing.plugin
loaded = {name for name in sys.modules if name.startswith("racto.")}
print(*sorted(loaded), "pydantic" in sys.modules, "asyncio" in sys.modules, "h11" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    *loaded, pydantic, _, h11 = done.stdout.split()
    assert (pydantic, h11) == ("False", "False")
    assert set(loaded) <= {"racto.core", "racto.core.lazy", "racto.testing", "racto.testing.plugin"}
