"""Laws on what a vector store does with many chunks, and when another process opens it."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, ClassVar

import pytest

from racto.core.documents import Chunk
from racto.core.protocols.stores import ChunkLookup, VectorStore

from .contract import Contract
from .samples import ahead, fan, sample

_PATIENCE = 120.0
# Run by the other process, which knows nothing of the test but this.
_VISIT = """
import json, sys
query, chunk = json.loads(sys.stdin.read())
{opened}
found = [(r.chunk.chunk_id, r.chunk.content, dict(r.chunk.metadata.extra))
         for r in store.search(query, 3, {{"lang": {{"$ne": "none"}}}})]
counted = store.count()
from racto.core.documents import Chunk
store.add([Chunk.from_dict(chunk[0], chunk[1])])
store.delete(["c0"])
left = store.count()
store.close()
print(json.dumps([counted, found, left]))
"""


class StoreScale(Contract, subject="store", protocol=VectorStore):
    """Many chunks in one call, and the same store in a process of its own.

    Attributes:
        dimension: Length of the vectors that the suite adds.
        many: How many chunks one call of ``add`` gets: 100,000 in one test of a store whose engine
            takes them within seconds. The variable RACTO_TEST_MANY asks it of all.
    """

    dimension: ClassVar[int] = 8
    many: ClassVar[int] = 1_250

    def elsewhere(self, store: Any, folder: Path) -> str:
        """Python code that opens the same store in another process, and calls it ``store``.

        An implementation's test gives it where its stores outlive their process; here it is
        empty, and the law is skipped.

        Args:
            store: The store; it is closed afterwards, so one that is saved must be saved here.
            folder: An empty folder, for whoever needs one.
        """
        return ""

    def test_many_chunks_cross_batch_borders(self, store: VectorStore) -> None:
        """One call may add any number of chunks; each is stored once, with its own vector and text.

        If this fails: look at the chunks beside the borders of the client's batches, at requests
        that are too large, and at a count that is taken before all of them are searchable.
        """
        many = int(os.environ.get("RACTO_TEST_MANY") or self.many)
        chunks = [_numbered(number, self.dimension) for number in range(many)]
        store.add(chunks)
        assert store.count() == many
        # Usual sizes of a batch and the chunks around their borders, the first and the last.
        borders = (0, 1, 99, 100, 127, 128, 255, 256, 499, 500, 999, 1_000, 1_023, 1_024)
        far = (4_999, 5_000, 9_999, 10_000, 16_383, 16_384, 65_535, 65_536)
        for number in [at for at in (*borders, *far) if at < many - 1] + [many - 1]:
            best = store.search(chunks[number].embedding or [], 1)[0].chunk
            assert (best.chunk_id, best.content) == (f"n{number}", f"text {number}")
            assert dict(best.metadata.extra) == {"number": number}
        if isinstance(store, ChunkLookup):
            # The other direction over the same borders: more ids than one request may name.
            wanted = [chunk.chunk_id for chunk in chunks[:: max(1, many // 1_200)]]
            found = store.get(["unknown", *wanted])
            assert [chunk and chunk.chunk_id for chunk in found] == [None, *wanted]
        store.delete([chunk.chunk_id for chunk in chunks[1:]])
        assert store.count() == 1

    def test_another_process_finds_it_all(self, store: VectorStore, tmp_path: Path) -> None:
        """What was added is there, whole, when another process opens the store; and back again.

        If this fails: write before ``add`` returns, or in ``close`` at the latest; find the
        dimension and the settings of a store that exists instead of making a new one.
        """
        store.add(fan(5, self.dimension, extra={"lang": "de", "tags": ["ä", None, 1.0, True]}))
        opened = self.elsewhere(store, tmp_path)
        if not opened:
            pytest.skip(f"{type(store).__name__} lives in its process here")
        store.close()
        new = sample("new", ahead(self.dimension), content="of the other process")
        counted, found, left = _visited(opened, [ahead(self.dimension), [new.to_dict(), list(
            new.embedding or []
        )]])  # fmt: skip
        extra = {"lang": "de", "tags": ["ä", None, 1.0, True]}
        assert counted == 5
        assert found == [[f"c{at}", f"text {at}", extra] for at in range(3)]
        # One was added and one deleted.
        assert left == 5


def _numbered(number: int, dimension: int) -> Chunk:
    """A chunk whose vector of length 1 is far from those of all other numbers."""
    vector = [0.0] * dimension
    # The digits of irrational multiples: spread evenly, and the same on every machine.
    for axis, factor in enumerate((2, 3, 5, 7, 11, 13, 17, 19)[:dimension]):
        vector[axis] = (number * math.sqrt(factor)) % 1.0 - 0.5
    length = math.sqrt(sum(value * value for value in vector))
    unit = [value / length for value in vector]
    return sample(f"n{number}", unit, content=f"text {number}", extra={"number": number})


def _visited(opened: str, given: list[Any]) -> Any:
    """What another process reports that opens the store."""
    done = subprocess.run(  # noqa: S603 - the code is the test's own
        [sys.executable, "-c", _VISIT.format(opened=opened)],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])
