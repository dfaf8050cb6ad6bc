"""The SDK: loaded at the first call, and asked for by name where it is missing."""

from __future__ import annotations

import subprocess
import sys

import pytest

from racto.core import ChatConfig, MissingExtraError
from racto.providers.anthropic import Chat


def test_neither_import_nor_construction_loads_the_sdk() -> None:
    program = (
        "import sys; from racto.providers.anthropic import Chat; Chat('m', api_key='k').close();"
        "print([name for name in ('anthropic', 'httpx2', 'asyncio') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_a_missing_sdk_names_the_line_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "anthropic", None)
    with pytest.raises(MissingExtraError, match=r'pip install "racto-providers\[anthropic\]"'):
        Chat("m", api_key="k").chat(ChatConfig(user_message="?"))
