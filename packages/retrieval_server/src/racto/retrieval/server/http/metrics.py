"""Metrics in Prometheus' text format: requests, batches, caches."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from typing import Any

from .services import Services

KIND = b"text/plain; version=0.0.4; charset=utf-8"
_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_BATCHER = {
    "submitted": ("counter", "Requests that got a place in the queue"),
    "joined": ("counter", "Requests that shared the place of an identical one"),
    "refused": ("counter", "Requests that found the queue full"),
    "abandoned": ("counter", "Requests dropped from the queue as nobody waited any more"),
    "failed": ("counter", "Requests that ended with an error of the engine"),
    "batches": ("counter", "Batches started"),
    "items": ("counter", "Requests in those batches"),
    "waited_s": ("counter", "Seconds in the queue, summed over requests"),
    "busy_s": ("counter", "Seconds in which a batch ran, summed over batches"),
    "waiting": ("gauge", "Requests in the queue now"),
    "running": ("gauge", "Batches that run now"),
}
_CACHE = {
    "hits": ("counter", "Look-ups that found something"),
    "misses": ("counter", "Look-ups that did not"),
    "evicted": ("counter", "Entries that made room for others"),
    "failures": ("counter", "Look-ups and writes that the back end failed"),
    "entries": ("gauge", "Entries held now"),
    "bytes": ("gauge", "Their estimated size in bytes"),
}


class Metrics:
    """Counts requests by path and status, and writes everything down when it is asked."""

    def __init__(self) -> None:
        self.active = 0
        self._requests: dict[tuple[str, int], int] = {}
        # By path: how many were as fast as each bound, and seconds in all.
        self._times: dict[str, tuple[list[int], list[float]]] = {}

    def count(self, path: str, status: int, seconds: float) -> None:
        """Count one request.

        Args:
            path: A path of the server; unknown ones share one name, lest anyone can add names.
            status: The HTTP status.
            seconds: How long it took.
        """
        key = (path, status)
        self._requests[key] = self._requests.get(key, 0) + 1
        times = self._times.get(path)
        if times is None:
            times = self._times[path] = ([0] * (len(_BOUNDS) + 1), [0.0])
        times[0][bisect_left(_BOUNDS, seconds)] += 1
        times[1][0] += seconds

    def text(self, services: Services) -> bytes:
        """Write all metrics.

        Args:
            services: The services whose batchers and caches are asked.
        """
        lines = [*self._http(), *_services(services)]
        return ("\n".join(lines) + "\n").encode()

    def _http(self) -> Iterator[str]:
        yield from _head("racto_http_requests_active", "gauge", "Requests under way")
        yield f"racto_http_requests_active {self.active}"
        yield from _head("racto_http_requests_total", "counter", "Requests by path and status")
        for (path, status), count in self._requests.items():
            yield f'racto_http_requests_total{{path="{path}",status="{status}"}} {count}'
        name = "racto_http_request_seconds"
        yield from _head(name, "histogram", "How long requests took")
        for path, (counts, total) in self._times.items():
            seen = 0
            for bound, count in zip((*map(str, _BOUNDS), "+Inf"), counts, strict=True):
                seen += count
                yield f'{name}_bucket{{path="{path}",le="{bound}"}} {seen}'
            yield f'{name}_sum{{path="{path}"}} {total[0]:.6f}'
            yield f'{name}_count{{path="{path}"}} {seen}'


def _services(services: Services) -> Iterator[str]:
    batchers: dict[str, Any] = {}
    caches: dict[str, Any] = {}
    for name, roles in services.registry.all_services.items():
        for role, processor in roles.items():
            labels = f'service="{_escaped(name)}",role="{role}"'
            stats = getattr(processor, "stats", None)
            if stats is not None:
                batchers[labels] = stats
            if processor.cache is not None:
                caches[labels] = processor.cache.stats
    if services.pipelines.cache is not None:
        caches['service="",role="pipeline"'] = services.pipelines.cache.stats
    yield from _family("racto_batcher", _BATCHER, batchers)
    yield from _family("racto_cache", _CACHE, caches)


def _family(
    prefix: str, fields: Mapping[str, tuple[str, str]], stats: Mapping[str, Any]
) -> Iterator[str]:
    for field, (kind, text) in fields.items():
        name = f"{prefix}_{field.removesuffix('_s')}"
        # Prometheus' custom: units are written out, and what only grows is a total.
        name += "_seconds" * field.endswith("_s") + "_total" * (kind == "counter")
        yield from _head(name, kind, text)
        for labels, found in stats.items():
            yield f"{name}{{{labels}}} {getattr(found, field)}"


def _head(name: str, kind: str, text: str) -> Iterator[str]:
    yield f"# HELP {name} {text}"
    yield f"# TYPE {name} {kind}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
