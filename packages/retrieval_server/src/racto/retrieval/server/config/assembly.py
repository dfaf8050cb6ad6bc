"""Assembly of a server: engines, processors and pipelines as a configuration wants them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from racto.core.errors import ConfigurationError, RactoGatewayError
from racto.retrieval.server.cache import Cache, LRUCache, RedisCache, canonical
from racto.retrieval.server.cache.keys import short
from racto.retrieval.server.engines import host_of
from racto.retrieval.server.pipeline import Pipelines
from racto.retrieval.server.processors import (
    BatchDecomposeQueryProcessor,
    BatchPairwiseScoreProcessor,
    BatchProcessor,
)
from racto.retrieval.server.registry import DummyProcessor, Registry, builtin

from .classes import ClassFinder, imported_file
from .schema import CollectionConfig, ServerConfig, ServiceConfig


class Assembly:
    """Makes a registry and its pipelines of a configuration.

    Args:
        config: The configuration.
        folder: What relative paths of ``file_imports`` begin at.
        allow_file_imports: Whether those files may be run; a configuration alone must not be able
            to run code.
    """

    def __init__(
        self, config: ServerConfig, folder: Path | None = None, *, allow_file_imports: bool = False
    ) -> None:
        self.config = config
        self._folder = folder or Path()
        self._allowed = allow_file_imports

    def pipelines(self) -> Pipelines:
        """Make everything anew: engines, processors, registry and pipelines.

        Returns:
            The pipelines; their ``registry`` has the services.

        Raises:
            ConfigurationError: If a class is not there, an engine cannot be made, a name is
                taken, or an alias is wrong; the message starts with the place.
            PipelineError: If an alias is wrong by itself.
        """
        registry = Registry()
        finder = self._finder(registry)
        if self.config.server_imports:
            raise ConfigurationError(
                "server_imports: this release cannot import other servers; remove the entry"
            )
        for at, collection in enumerate(self.config.collections):
            with _placed(f"collections[{at}] ({collection.name})"):
                _add_collection(collection, finder, registry)
        for at, service in enumerate(self.config.services):
            with _placed(f"services[{at}] ({service.name})"):
                _add_service(service, finder, registry)
        return self._pipelines(builtin(registry))

    def check(self) -> list[str]:
        """Look for mistakes without making an engine.

        Returns:
            What is wrong, each with its place; an empty list if nothing was found.
        """
        found: list[str] = []
        try:
            finder = self._finder(Registry())
        except RactoGatewayError as error:
            return [str(error)]
        for at, service in enumerate(self.config.services):
            for field, find in (("engine", finder.engine), ("processor", finder.processor)):
                try:
                    find(getattr(service, field))
                except RactoGatewayError as error:
                    found.append(f"services[{at}].{field}: {error}")
        for at, collection in enumerate(self.config.collections):
            try:
                finder.processor(collection.processor)
            except RactoGatewayError as error:
                found.append(f"collections[{at}].processor: {error}")
        if self.config.server_imports:
            found.append("server_imports: this release cannot import other servers")
        return found + self._alias_problems()

    def _alias_problems(self) -> list[str]:
        names = [service.name for service in self.config.services]
        found = [
            f"services[{at}].name: {name!r} is taken by another service"
            for at, name in enumerate(names)
            if name in names[:at]
        ]
        taken = Registry()
        for name in dict.fromkeys(names):
            taken.all_services[name] = {}
        try:
            Pipelines(taken, aliases=self.config.pipeline_aliases)
        except RactoGatewayError as error:
            found.append(f"pipeline_aliases: {error}")
        if clash := sorted(set(names) & set(self.config.pipeline_aliases)):
            found.append(f"pipeline_aliases: {', '.join(clash)} is the name of a service")
        return found

    def _finder(self, registry: Registry) -> ClassFinder:
        files = self.config.file_imports
        if files and not self._allowed:
            raise ConfigurationError(
                "file_imports: these files are programs, and run only if you say so: "
                "--allow-file-imports"
            )
        modules = []
        for at, file in enumerate(files):
            with _placed(f"file_imports[{at}]"):
                modules.append(imported_file(self._folder / file, registry))
        return ClassFinder(modules)

    def _pipelines(self, registry: Registry) -> Pipelines:
        config = self.config
        made = Pipelines(
            registry,
            aliases=config.pipeline_aliases,
            dynamic=config.dynamic_pipeline,
            cache=self._pipeline_cache(),
            scope=self._digest(),
        )
        # An alias that asks for what is not there should stop the start, not its first caller.
        for name in made.aliases:
            with _placed(f"pipeline_aliases.{name}"):
                made.plan(name)
        return made

    def _pipeline_cache(self) -> Cache | None:
        config = self.config
        if config.pipeline_cache < 1:
            return None
        with _placed("pipeline_cache"):
            if config.pipeline_cache_redis_url is None:
                return LRUCache(config.pipeline_cache, config.pipeline_cache_ttl)
            return RedisCache(
                config.pipeline_cache,
                config.pipeline_cache_ttl,
                config.pipeline_cache_redis_url,
                namespace=f"pipeline/{self._digest()}",
                **config.pipeline_cache_redis_kwargs,
            )

    def _digest(self) -> str:
        # Servers that share a Redis share results only if all of their services are the same.
        served = self.config.model_dump(mode="json", include={"services", "collections"})
        return short(canonical(served))


def _add_service(service: ServiceConfig, finder: ClassFinder, registry: Registry) -> None:
    path = service.config.get("index_path")
    if isinstance(path, str) and path.startswith("hfds:"):
        raise ConfigurationError(
            "config.index_path: fetch the data set first and name its folder here"
        )
    engine = _made(finder.engine(service.engine), name=service.name, config=service.config)
    # Each service's own settings are bound here and now, in a call of its own.
    queue = {
        "batch_size": service.batch_size,
        "max_wait_time": service.max_wait_time,
        "prefer_full": service.prefer_full,
        "max_work": service.max_work,
        "max_queue": service.max_queue,
        "in_flight": service.in_flight,
    }
    cache: dict[str, Any] = {
        "cache_size": service.cache,
        "cache_ttl": service.cache_ttl,
        "redis_url": service.cache_redis_url,
        "redis_kwargs": service.cache_redis_kwargs,
    }
    host = host_of(engine)
    if host.can("search"):
        kind = finder.processor(service.processor)
        options = {**cache, **queue} if issubclass(kind, BatchProcessor) else cache
        registry.register(service.name, "search", kind(engine, **options))
    if host.can("score") and not service.scoring_disabled:
        # Whole passages would be the keys of a cache: large, and hardly ever the same twice.
        scoring = BatchPairwiseScoreProcessor(engine, cache_size=0, **queue)
        registry.register(service.name, "score", scoring)
    if host.can("decompose_query"):
        split = BatchDecomposeQueryProcessor(engine, **cache, **queue)
        registry.register(service.name, "decompose_query", split)
    if host.can("fuse"):
        registry.register(service.name, "fuse", DummyProcessor(engine, "fuse"))
    if service.name not in registry.all_services:
        raise ConfigurationError(f"the engine {service.engine!r} has nothing that can be served")


def _add_collection(collection: CollectionConfig, finder: ClassFinder, registry: Registry) -> None:
    kind = finder.processor(collection.processor)
    registry.register(collection.name, "content", _made(kind, collection_config=collection))


def _made(kind: type[Any], **options: Any) -> Any:
    try:
        return kind(**options)
    except RactoGatewayError:
        raise
    except Exception as error:
        raise ConfigurationError(
            f"{kind.__name__} could not be made: {type(error).__name__}: {error}"
        ) from error


@contextmanager
def _placed(place: str) -> Iterator[None]:
    """Begin the messages of mistakes with the place in the configuration."""
    try:
        yield
    except ConfigurationError as error:
        raise ConfigurationError(f"{place}: {error}") from error
