"""BM25Engine: search by words over a JSONL file or a BEIR folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from racto.core import Engine
from racto.core.errors import ConfigurationError

from .bm25_folder import fingerprint, keep, restored
from .bm25_index import BM25Index, places_by
from .corpora import ON_ERROR, Layout, corpus_file, records
from .rankings import each_limit
from .settings import Settings
from .words import Stemmer, Words, lemmatizer

_KNOWN = (
    "path", "id_field", "content_fields", "subset_field", "k1", "b", "stopwords", "language",
    "on_error", "index_folder",
)  # fmt: skip


class BM25Engine(Engine):
    """Finds documents by their words, weighted as Lucene's BM25 does.

    The collection is read and indexed when the engine is made, and stays in memory. Settings:
    ``path`` (a JSONL file, plain or ``.gz``, or a BEIR folder), ``id_field`` (``"id"``;
    ``"_id"`` in a BEIR folder), ``content_fields`` (``["text"]``; title and text in a BEIR
    folder), ``subset_field`` (none), ``k1`` (1.2), ``b`` (0.75), ``stopwords`` (none),
    ``language`` (a code such as ``"en"`` to search by lemmas; by default words are compared as
    they are, without case), ``on_error`` (``"raise"``, or ``"skip"`` for lines that cannot be
    used), ``index_folder`` (keeps the index there for the next start; without it nothing is
    written).

    Documents without a word of the query are not found. Equal scores stand in the order of the
    file. How rare a word is, is counted in the whole collection, in a subset too.

    Args:
        name: Name under which it is served.
        config: Its settings, or the path of a JSON file with them.
        stemmer: Brings words to their stem, instead of ``language``.
        **options: Settings that override those of ``config``.

    Raises:
        ConfigurationError: If a setting is wrong, or there is no collection.
        ReadError: If a line of it cannot be used; it names file and line.
        MissingExtraError: If bm25s is not installed.
    """

    def __init__(
        self,
        name: str = "",
        config: Mapping[str, Any] | str | Path | None = None,
        *,
        stemmer: Stemmer | None = None,
        **options: Any,
    ) -> None:
        super().__init__(name, config, **options)
        settings = Settings(self.name, self.config, known=_KNOWN)
        path, usual = corpus_file(Path(settings.text("path")))
        layout = _layout(settings, usual)
        self._subset_field = layout.subset_field
        self._words = _words(settings, stemmer)
        build = _Build(settings, path, layout, self._words)
        if not settings.has("index_folder"):
            self._index, self._keys, subsets = build.fresh()
        elif stemmer is not None:
            # Code has no fingerprint: an index of another stemmer would be taken for this one's.
            raise ConfigurationError(
                f"engine {self.name!r}: index_folder keeps no index of a stemmer of your own"
            )
        else:
            self._index, self._keys, subsets = build.kept(Path(settings.text("index_folder")))
        self._places = places_by(subsets)

    def __len__(self) -> int:
        """How many documents there are."""
        return self._index.count

    def search_batch(
        self,
        queries: Sequence[str],
        limit: int | Sequence[int] = 20,
        subsets: Sequence[str | None] | None = None,
        **kw: Any,
    ) -> list[dict[str, float]]:
        """The best documents for each query, best first.

        Args:
            queries: n queries; every character is data, and none an operator.
            limit: Most documents, for all or one each.
            subsets: The part of the collection to search in, one each; a part that no document
                belongs to holds nothing.
            **kw: Other options do not matter here.

        Raises:
            ConfigurationError: If a subset is wanted, and there is no ``subset_field``.
        """
        wanted = subsets or [None] * len(queries)
        return [
            self._found(query, most, subset)
            for query, most, subset in zip(
                queries, each_limit(limit, len(queries)), wanted, strict=True
            )
        ]

    def _found(self, query: str, most: int, subset: str | None) -> dict[str, float]:
        if subset is None:
            found = self._index.search(self._words.of(query), most)
        elif not self._subset_field:
            raise ConfigurationError(
                f"engine {self.name!r} knows no subsets; name the field that holds them: "
                "subset_field"
            )
        elif subset not in self._places:
            return {}
        else:
            found = self._index.search(self._words.of(query), most, self._places[subset])
        return {self._keys[place]: score for place, score in found}


class _Build:
    """The way from a collection's file to its index."""

    def __init__(self, settings: Settings, path: Path, layout: Layout, words: Words) -> None:
        self._path, self._layout, self._words = path, layout, words
        self._on_error = settings.choice("on_error", ON_ERROR)
        self._k1 = settings.number("k1", 1.2, 0.0, 100.0)
        self._b = settings.number("b", 0.75, 0.0, 1.0)
        self._stopwords = sorted(settings.texts("stopwords"))
        self._language = settings.text("language") if settings.has("language") else ""

    def fresh(self) -> tuple[BM25Index, list[str], list[str | None]]:
        keys: list[str] = []
        subsets: list[str | None] = []

        def texts() -> Iterator[list[str]]:
            # One pass, and no text is kept: a collection may be larger than the memory.
            for record in records(self._path, self._layout, on_error=self._on_error):
                keys.append(record.key)
                subsets.append(record.subset)
                yield self._words.of(record.text)

        return BM25Index.built(texts(), k1=self._k1, b=self._b), keys, subsets

    def kept(self, folder: Path) -> tuple[BM25Index, list[str], list[str | None]]:
        layout = self._layout
        depends = {
            "fields": [layout.id_field, layout.subset_field, *layout.content_fields],
            "weights": [self._k1, self._b],
            "words": [self._language, *self._stopwords],
            "on_error": self._on_error,
        }
        mark = fingerprint(self._path, depends)
        found = restored(folder, mark)
        if found is None:
            found = self.fresh()
            keep(folder, mark, *found)
        return found


def _layout(settings: Settings, usual: Layout) -> Layout:
    return Layout(
        id_field=settings.text("id_field", usual.id_field),
        content_fields=settings.texts("content_fields", usual.content_fields),
        subset_field=settings.text("subset_field") if settings.has("subset_field") else "",
    )


def _words(settings: Settings, stemmer: Stemmer | None) -> Words:
    if stemmer is not None and settings.has("language"):
        raise ConfigurationError("give either a stemmer or a language, not both")
    if settings.has("language"):
        stemmer = lemmatizer(settings.text("language"))
    return Words(settings.texts("stopwords"), stemmer)
