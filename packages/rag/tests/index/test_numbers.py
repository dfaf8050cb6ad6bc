"""numpy is used when something else brought it, and never loaded."""

from __future__ import annotations

import subprocess
import sys

_ASKS = """
import sys
from racto.core import Chunk
from racto.rag import BM25Index
index = BM25Index()
index.add([Chunk(content="bees dance")])
assert len(index.search("bee")) == 1
assert "numpy" not in sys.modules
"""


def test_a_search_by_words_loads_no_numpy() -> None:
    subprocess.run([sys.executable, "-c", _ASKS], check=True, timeout=60)
