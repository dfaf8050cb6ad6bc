"""What the testing package loads, and what it says when its extra is missing."""

from __future__ import annotations

import subprocess
import sys

import pytest

from racto.core.testing.contracts import SUITES


def _python(program: str) -> str:
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_every_suite_is_marked() -> None:
    names = {name.rpartition(".")[2] for name in SUITES}
    assert {"contract", "stores", "store_writing", "kits", "engines"} <= names
    assert "rewriting" not in names


def test_core_does_not_load_its_tests() -> None:
    program = "import racto.core, sys; from racto.core import *; print('racto.core.testing' in sys.modules)"
    assert _python(program) == "False"


def test_fakes_need_no_pytest() -> None:
    program = (
        "import sys; from racto.core.testing import DictStore, HashEmbedder, ScriptedKit;"
        "print(sorted({'pytest', 'hypothesis', '_pytest'} & set(sys.modules)))"
    )
    assert _python(program) == "[]"


@pytest.mark.parametrize("library", ["pytest", "hypothesis"])
def test_missing_extra_prints_the_install_line(library: str) -> None:
    program = f"""
import sys
sys.modules[{library!r}] = None
try:
    from racto.core.testing import VectorStoreContract
except ImportError as error:
    print(type(error).__name__, error)
"""
    text = _python(program)
    assert text.startswith("MissingExtraError")
    assert library in text
    assert 'pip install "racto-core[testing]"' in text
