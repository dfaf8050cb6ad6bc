"""Words as the index of words spells them: folded, stemmed, and signs apart."""

from __future__ import annotations

import sqlite3
import threading
from functools import lru_cache

from .schema import TOKENIZER
from .words import segmented

_LONGEST = 200
_TABLES = (
    f"CREATE VIRTUAL TABLE sheet USING fts5 (content, tokenize = '{TOKENIZER}');"
    "CREATE VIRTUAL TABLE places USING fts5vocab (sheet, instance);"
)


class Speller:
    """Spells words by SQLite's own tokenizer, so that a question and the index never differ."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._sheet: sqlite3.Connection | None = None

    def terms(self, word: str) -> tuple[str, ...]:
        """The terms that the index keeps for one word, in their order.

        Several for a word with a ``_`` or a pair of signs, which stand side by side in texts;
        none for what holds no letter and no digit.
        """
        with self._guard:
            if self._sheet is None:
                self._sheet = sqlite3.connect(":memory:", check_same_thread=False)
                self._sheet.executescript(_TABLES)
            # What is one very long word to a question may be a file of somebody's in base 64.
            # Half characters cannot be looked up, and the index holds none.
            known = word[:_LONGEST].encode(errors="replace").decode()
            return _spelled(self._sheet, known)


SPELLER = Speller()
"""One for the process; it knows no index."""


@lru_cache(maxsize=4096)
def _spelled(sheet: sqlite3.Connection, word: str) -> tuple[str, ...]:
    if not any(map(str.isalnum, word)):
        return ()
    with sheet:
        sheet.execute("DELETE FROM sheet")
        sheet.execute("INSERT INTO sheet (rowid, content) VALUES (1, ?)", (segmented(word),))
    return tuple(row[0] for row in sheet.execute("SELECT term FROM places ORDER BY offset"))
