"""Parts that all tests of racto-rag share: real files, and the fakes of racto.core.testing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from racto.core.testing import DictStore, HashEmbedder
from racto.rag import RactoRAG


@pytest.fixture
def store() -> DictStore:
    return DictStore()


@pytest.fixture
def embedder() -> HashEmbedder:
    return HashEmbedder(256)


@pytest.fixture
def rag(store: DictStore, embedder: HashEmbedder) -> Iterator[RactoRAG]:
    with RactoRAG(store, embedder) as made:
        yield made


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes files below a folder of documents and returns that folder."""

    def files(**contents: str | bytes) -> Path:
        folder = tmp_path / "docs"
        folder.mkdir(exist_ok=True)
        for name, content in contents.items():
            path = folder / name.replace("__", "/").replace("_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return folder

    return files
