"""The program as a process of its own: signals under load, a reload, and its journal."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .halls import until

ENGINE = """
import os, time
from racto.core import Engine


class Slow(Engine):
    def search_batch(self, queries, limit=20, subsets=None, **options):
        time.sleep(self.config.get("seconds", 0))
        return [{self.config["answer"]: 1.0} for _ in queries]
"""


@contextmanager
def _served(folder: Path, **config: object) -> Iterator[tuple[subprocess.Popen[bytes], int, Path]]:
    (folder / "slow.py").write_text(ENGINE)
    _configure(folder, **config)
    journal = folder / "journal.txt"
    command = [sys.executable, "-m", "racto.retrieval.server.command"]
    options = ["--allow-file-imports", "--port", "0", str(folder / "config.json")]
    with journal.open("wb") as log:
        process = subprocess.Popen([*command, *options], stderr=log, cwd=folder)
    try:
        until(lambda: "running on" in journal.read_text() or process.poll() is not None)
        started = next(line for line in journal.read_text().splitlines() if "running on" in line)
        yield process, int(started.partition("127.0.0.1:")[2].split()[0]), journal
    finally:
        process.kill()
        process.wait(20)


def _configure(folder: Path, **config: object) -> None:
    service = {"name": "s", "engine": "Slow", "config": config, "batch_size": 4}
    text = json.dumps({"file_imports": ["slow.py"], "services": [service]})
    (folder / "config.json").write_text(text)


def _ask(port: int, query: str) -> tuple[int, dict[str, object]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    body = json.dumps({"service": "s", "query": query})
    connection.request("POST", "/search", body, {"content-type": "application/json"})
    response = connection.getresponse()
    told = json.loads(response.read())
    connection.close()
    return response.status, told


def _metric(port: int, name: str) -> float:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    connection.close()
    found = [line for line in text.splitlines() if line.startswith(name)]
    return float(found[0].rsplit(" ", 1)[1])


def test_sigterm_under_load_loses_no_request(tmp_path: Path) -> None:
    with _served(tmp_path, answer="a", seconds=0.2) as (process, port, journal):
        statuses: list[int] = []
        threads = [
            threading.Thread(target=lambda n=n: statuses.append(_ask(port, f"q{n}")[0]))
            for n in range(24)
        ]
        for thread in threads:
            thread.start()
        until(lambda: _metric(port, "racto_batcher_submitted_total") == 24)
        # Six batches, of which most have not begun.
        process.send_signal(signal.SIGTERM)
        for thread in threads:
            thread.join(30)
        assert statuses == [200] * 24
        assert process.wait(20) == 0
        lines = [json.loads(line) for line in journal.read_text().splitlines()]
        assert sum(line.get("path") == "/search" for line in lines) == 24


def test_sighup_brings_new_services_and_a_mistake_changes_nothing(tmp_path: Path) -> None:
    with _served(tmp_path, answer="old") as (process, port, journal):
        assert _ask(port, "q")[1]["scores"] == {"old": 1.0}
        _configure(tmp_path, answer="new")
        process.send_signal(signal.SIGHUP)
        until(lambda: _ask(port, "q")[1]["scores"] == {"new": 1.0})
        (tmp_path / "config.json").write_text("{")
        process.send_signal(signal.SIGHUP)
        until(lambda: "was not reloaded" in journal.read_text())
        assert _ask(port, "q")[1]["scores"] == {"new": 1.0}
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
