"""The app of both sides, imported alike by the side and by the worker processes it starts."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery  # type: ignore[import-untyped]

URL = os.environ.get("RACTO_REDIS_URL", "redis://127.0.0.1:6379").rstrip("/")
PREFIX = os.environ.get("RACTO_BENCH_PREFIX", "racto:bench:")

app = Celery("shop", broker=f"{URL}/9", backend=f"{URL}/9")
app.conf.update(
    broker_transport_options={"global_keyprefix": PREFIX},
    result_backend_transport_options={"global_keyprefix": PREFIX},
    result_expires=600,
    broker_connection_retry_on_startup=True,
    task_default_queue="bench",
)


class StubKit:
    """Answers at once."""

    provider, model = "stub", "stub-1"

    def chat(self, config: Any) -> Any:
        """The same reply as the bare task's."""
        from racto.core import LLMResponse

        return LLMResponse(content=f"reply to {config.user_message}")


@app.task(name="bare")  # type: ignore[untyped-decorator]
def bare(text: str) -> dict[str, str]:
    """What a user would write without racto."""
    return {"content": f"reply to {text}"}


def make_worker(*layers: Any) -> Any:
    """The worker of our side."""
    from racto.celery import RactoCeleryWorker

    return RactoCeleryWorker(app, kit=StubKit, name="bench", layers=layers)


if os.environ.get("RACTO_BENCH_SIDE") == "once":
    from racto.celery.idempotency import IdempotencyLayer

    worker = make_worker(IdempotencyLayer(f"{URL}/9", prefix=f"{PREFIX}once"))
elif os.environ.get("RACTO_BENCH_SIDE") == "racto":
    worker = make_worker()
