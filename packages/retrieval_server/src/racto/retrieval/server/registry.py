"""The registry of services: who searches, scores, fuses and decomposes under which name."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from racto.core.errors import ConfigurationError, RactoGatewayError

from .engines import RRF, ScoreFusion, host_of
from .processors import Processor
from .processors.requests import limit_of, options_of, query_of, rankings_of
from .processors.results import queries_from, ranking_from, scores_from

E = TypeVar("E", bound=type)

CALLABLE = ("search", "score", "decompose_query", "fuse")
ROLES = (*CALLABLE, "content")


class ServiceNotFound(RactoGatewayError, KeyError):  # noqa: N818 - the reference's name
    """No service of this name does what was asked; the message lists those that do."""


class Registry:
    """Processors by name and role.

    The reference keeps one for the process; :data:`ProcessorRegistry` is that one here. A server
    of its own configuration makes its own, and swaps it as a whole when that is read again.
    """

    def __init__(self) -> None:
        self.all_services: dict[str, dict[str, Processor]] = {}

    def __getitem__(self, name: str) -> dict[str, Processor]:
        """The processors of a service by role.

        Raises:
            ServiceNotFound: If there is no such service.
        """
        try:
            return self.all_services[name]
        except KeyError:
            raise self._missing(name, "") from None

    def __iter__(self) -> Iterator[Processor]:
        """Every processor once."""
        # A processor may stand under several names, and is closed and counted once.
        seen = {id(p): p for processors in self.all_services.values() for p in processors.values()}
        return iter(seen.values())

    @property
    def valid_service_types(self) -> frozenset[str]:
        """The roles that a processor can have."""
        return frozenset(ROLES)

    def register(self, name: str, service_type: str, processor: Processor) -> None:
        """Offer a processor under a name and a role.

        Raises:
            ConfigurationError: If the role is unknown, or taken under this name.
        """
        if service_type not in ROLES:
            raise ConfigurationError(
                f"{service_type!r} is no role of a service; roles are {', '.join(ROLES)}"
            )
        if self.has_service(name, service_type):
            raise ConfigurationError(f"a service {name!r} for {service_type} is there already")
        self.all_services.setdefault(name, {})[service_type] = processor

    def has_service(self, name: str, service_type: str) -> bool:
        """Whether there is such a service in this role."""
        return service_type in self.all_services.get(name, ())

    def get(self, name: str, service_type: str) -> Processor | None:
        """The processor, or None."""
        return self.all_services.get(name, {}).get(service_type)

    def find(self, name: str, service_type: str) -> Processor:
        """The processor.

        Raises:
            ServiceNotFound: If there is none.
        """
        found = self.get(name, service_type)
        if found is None:
            raise self._missing(name, service_type)
        return found

    async def submit(
        self,
        name: str,
        service_type: str,
        data: Mapping[str, Any],
        *,
        deadline: float | None = None,
    ) -> dict[str, Any]:
        """Send a request to a service; see :meth:`Processor.submit`.

        Raises:
            ServiceNotFound: If there is none.
        """
        return await self.find(name, service_type).submit(data, deadline=deadline)

    def get_all_services(self) -> dict[str, list[str]]:
        """Names of services by role."""
        return {
            role: [name for name, processors in self.all_services.items() if role in processors]
            for role in ROLES
        }

    def _missing(self, name: str, role: str) -> ServiceNotFound:
        known = [n for n, processors in self.all_services.items() if not role or role in processors]
        what = f" that does {role}" if role else ""
        return ServiceNotFound(
            f"there is no service {name!r}{what}; there are: {', '.join(sorted(known)) or 'none'}"
        )


class DummyProcessor(Processor):
    """Calls one method of an engine for each request, without batches or a cache.

    Made by :func:`auto_register`, and good for what takes microseconds, such as fusion.

    Args:
        engine: The engine.
        method: The role: ``search``, ``score``, ``fuse`` or ``decompose_query``.

    Raises:
        ConfigurationError: If that is no role.
        UnsupportedFeatureError: If the engine does not have it.
    """

    def __init__(self, engine: Any, method: str) -> None:
        if method not in CALLABLE:
            raise ConfigurationError(
                f"{method!r} is no role of an engine; roles are {', '.join(CALLABLE)}"
            )
        super().__init__(cache_size=0)
        self.host = host_of(engine)
        self.role = method
        self._call = self.host.method(method)

    async def submit(
        self, item: Mapping[str, Any], *, deadline: float | None = None
    ) -> dict[str, Any]:
        """Answer one request; see :meth:`Processor.submit`."""
        result = await getattr(self, f"_{self.role}")(item)
        result.update(processed=True, timestamp=time.time(), cached=False)
        return dict(result)

    async def _search(self, item: Mapping[str, Any]) -> dict[str, Any]:
        limit = limit_of(item)
        found = await self._call(
            [query_of(item)], limit=[limit], subsets=[item.get("subset")], **options_of(item)
        )
        return {"scores": ranking_from(found[0], limit, self.host.name)}

    async def _score(self, item: Mapping[str, Any]) -> dict[str, Any]:
        passages = list(item.get("passages") or ())
        found = await self._call([query_of(item)], passages, [len(passages)], **options_of(item))
        return {"scores": scores_from(found[0], len(passages), self.host.name)}

    async def _fuse(self, item: Mapping[str, Any]) -> dict[str, Any]:
        options = options_of(item)
        if item.get("limit") is not None:
            options["limit"] = limit_of(item)
        found = await self._call([query_of(item)], [rankings_of(item)], **options)
        return {"scores": ranking_from(found[0], options.get("limit"), self.host.name)}

    async def _decompose_query(self, item: Mapping[str, Any]) -> dict[str, Any]:
        limit = limit_of(item)
        found = await self._call([query_of(item)], limit=[limit], **options_of(item))
        return {"queries": queries_from(found[0], limit, self.host.name)}


ProcessorRegistry = Registry()
"""The registry of this process, into which :func:`auto_register` puts what it makes."""


def auto_register(
    methods: str | Sequence[str], view_kind: str | None = None, **default_init_kwargs: Any
) -> Callable[[E], E]:
    """Make one engine of a class and offer it under the class's name.

    Args:
        methods: The role or roles: ``search``, ``score``, ``fuse``, ``decompose_query``.
        view_kind: ``text`` or ``bytes``; what its search and score take. None leaves the class's
            ``accepts_view_kind``.
        **default_init_kwargs: What the engine is made with.

    Returns:
        A decorator that returns the class as it is.

    Raises:
        ConfigurationError: If a role is unknown or taken.
        UnsupportedFeatureError: If the engine does not have one of the roles.
    """
    roles = [methods] if isinstance(methods, str) else list(methods)

    def offered(kind: E) -> E:
        engine = kind(**default_init_kwargs)
        if view_kind is not None:
            engine.accepts_view_kind = view_kind
        # All are made before any is registered: a class is offered whole or not at all.
        made = {role: DummyProcessor(engine, role) for role in roles}
        for role, processor in made.items():
            ProcessorRegistry.register(kind.__name__, role, processor)
        return kind

    return offered


def builtin(registry: Registry) -> Registry:
    """Add the mergers that every server has, ``RRF`` and ``ScoreFusion``; those there stay.

    Args:
        registry: Where to add them.

    Returns:
        The same registry.
    """
    for kind in (RRF, ScoreFusion):
        if not registry.has_service(kind.__name__, "fuse"):
            registry.register(kind.__name__, "fuse", DummyProcessor(kind(), "fuse"))
    return registry


builtin(ProcessorRegistry)
