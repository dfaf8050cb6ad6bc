"""``racto-rag status``: what the index holds, what made it, and what was skipped."""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from racto.rag.index import DocumentIndex, SourceRecord

from .command import DONE
from .console import Console, megabytes


def perform(options: argparse.Namespace) -> int:
    """Print the state of the index."""
    with DocumentIndex(options.index) as index:
        records = index.sources()
        facts = _facts(index, records)
    skipped = [(record.label, record.reason) for record in records if record.status == "skipped"]
    if options.json:
        skips = [{"source": label, "reason": reason} for label, reason in skipped]
        print(json.dumps({**facts, "skipped": skips}, indent=2, ensure_ascii=False))  # noqa: T201
        return DONE
    console = Console()
    console.say(f"Index {facts['index']}", strong=True)
    console.say(f"  sources   {facts['sources']}, {megabytes(facts['bytes'])} of documents")
    console.say(f"  passages  {facts['passages']}, {megabytes(facts['bytes_on_disk'])} on disk")
    console.say(f"  embedder  {facts['embedder'] or '-'} ({facts['dimension']} dimensions)")
    console.say(
        f"  chunker   {facts['chunker'] or '-'}, size {facts['chunk_size']}, "
        f"overlap {facts['overlap']}"
    )
    console.say(f"  changed   {facts['changed'] or 'never'}")
    if skipped:
        console.say()
        console.table(("skipped", "reason"), skipped)
    return DONE


def _facts(index: DocumentIndex, records: list[SourceRecord]) -> dict[str, Any]:
    last = max((record.ingested_at for record in records), default=0.0)
    manifest = asdict(index.manifest)
    # The fingerprint is for programs that compare; the name says the same to people.
    del manifest["fingerprint"]
    return {
        "index": index.where,
        "sources": sum(record.chunks > 0 for record in records),
        "bytes": sum(record.size for record in records),
        "passages": index.count(),
        "bytes_on_disk": _size_of(Path(index.where)),
        "changed": time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(last)) if last else None,
        **manifest,
    }


def _size_of(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir() if file.is_file())
