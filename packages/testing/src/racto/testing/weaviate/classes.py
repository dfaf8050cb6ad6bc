"""The schema: classes with typed properties and one vector, and the tenants of their objects."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from operator import mul
from typing import Any

from .refusals import Refused, refusal

_NAME = re.compile(r"[A-Z][_0-9A-Za-z]{0,255}")
_PROPERTY = re.compile(r"[_A-Za-z][_0-9A-Za-z]{0,230}")
_TYPES = {"text": str, "int": int, "number": float, "boolean": bool, "text[]": str}
_DISTANCES = ("cosine", "l2-squared", "dot")
_FIELDS = {
    "class", "description", "properties", "vectorConfig", "multiTenancyConfig", "invertedIndexConfig",
    "replicationConfig", "shardingConfig", "vectorizer", "vectorIndexType", "vectorIndexConfig",
    "moduleConfig", "objectTtlConfig",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """One object.

    Attributes:
        uuid: Its id.
        properties: Its properties.
        vector: Its vector; of unit length where the distance is that of cosines.
    """

    uuid: str
    properties: Mapping[str, Any]
    vector: Sequence[float]


# What the service fills in where a definition says nothing.
_HNSW = {
    "distance": "cosine", "cleanupIntervalSeconds": 300, "dynamicEfMin": 100, "dynamicEfMax": 500,
    "dynamicEfFactor": 8, "ef": -1, "efConstruction": 128, "filterStrategy": "sweeping",
    "flatSearchCutoff": 40_000, "maxConnections": 32, "skip": False,
    "vectorCacheMaxObjects": 1_000_000_000_000,
}  # fmt: skip


class StoredClass:
    """One class and its objects by tenant.

    Args:
        given: Its definition.

    Raises:
        Refusal: If the service would not take the definition.
    """

    def __init__(self, given: Mapping[str, Any]) -> None:
        if unknown := given.keys() - _FIELDS:
            raise refusal(f"unknown field {min(unknown)!r} in the class")
        self.name = str(given.get("class", ""))
        if not _NAME.fullmatch(self.name):
            raise refusal(f"'{self.name:.80}' is not a valid class name")
        self.given = {**given, "vectorConfig": _filled(given.get("vectorConfig") or {})}
        self.given["properties"] = [_indexed(each) for each in given.get("properties") or ()]
        self.types = dict(_typed(each) for each in given.get("properties") or ())
        self.vector_name, self.distance = _vector_of(given.get("vectorConfig") or {})
        tenancy = given.get("multiTenancyConfig") or {}
        self._is_shared = bool(tenancy.get("enabled"))
        self._makes_tenants = bool(tenancy.get("autoTenantCreation"))
        self._tenants: dict[str, dict[str, StoredObject]] = {} if self._is_shared else {"": {}}
        self._dimension: int | None = None

    def objects(self, tenant: str, *, writing: bool = False) -> dict[str, StoredObject]:
        """The objects of a tenant by id.

        Args:
            tenant: Its name; empty where the class has no tenants.
            writing: Whether objects are about to be added.

        Raises:
            Refused: If the class has tenants and none is named, or the other way round, or the
                tenant is not there.
        """
        if self._is_shared and not tenant:
            raise Refused(
                f"class {self.name} has multi-tenancy enabled, but request was without tenant"
            )
        if tenant and not self._is_shared:
            raise Refused(
                f"class {self.name} has multi-tenancy disabled, but request was with tenant"
            )
        if tenant not in self._tenants:
            if not (writing and self._makes_tenants):
                raise Refused(f'tenant not found: "{tenant}"')
            self._tenants[tenant] = {}
        return self._tenants[tenant]

    def put(self, tenant: str, new: StoredObject) -> None:
        """Add an object in place of one with its id.

        Raises:
            Refused: If a property has another type or the vector another length.
        """
        kept = self.objects(tenant, writing=True)
        for name, value in new.properties.items():
            self._check(name, value)
        if self._dimension is None:
            self._dimension = len(new.vector)
        if len(new.vector) != self._dimension:
            raise Refused(
                f"new node has a vector with length {len(new.vector)}. Existing nodes have vectors "
                f"with length {self._dimension}"
            )
        kept[new.uuid] = new

    def distances(
        self, wanted: Sequence[float], objects: Sequence[StoredObject]
    ) -> list[tuple[float, StoredObject]]:
        """Objects with their distances, nearest first.

        Raises:
            Refused: If the vector has another length than theirs.
        """
        if objects and len(wanted) != self._dimension:
            raise Refused(f"vector lengths don't match: {self._dimension} vs {len(wanted)}")
        length = math.hypot(*wanted)
        found = [(self._distance(wanted, length, each.vector), each.uuid, each) for each in objects]
        # No two have one id, so that objects themselves are never compared.
        found.sort()
        return [(distance, each) for distance, _, each in found]

    def _distance(self, one: Sequence[float], length: float, two: Sequence[float]) -> float:
        if self.distance == "l2-squared":
            return math.fsum((a - b) ** 2 for a, b in zip(one, two, strict=True))
        product: float = sum(map(mul, one, two))
        if self.distance == "dot":
            return -product
        lengths = length * math.hypot(*two)
        return 1.0 - (product / lengths if lengths else 0.0)

    def _check(self, name: str, value: Any) -> None:
        kind = self.types.get(name)
        if kind is None:
            raise Refused(f"no such prop with name '{name}' found in class '{self.name}'")
        items = value if kind.endswith("[]") else [value]
        # Numbers travel as doubles, so that whole ones are integers too.
        wanted = (int, float) if kind in ("int", "number") else (_TYPES[kind],)
        right = isinstance(items, list) and all(
            isinstance(item, wanted) and isinstance(item, bool) is (kind == "boolean")
            for item in items
        )
        if not right or (kind == "int" and any(float(item) % 1 for item in items)):
            raise Refused(f"invalid {kind} property '{name}' on class '{self.name}'")


class Classes:
    """All classes of a service."""

    def __init__(self) -> None:
        self._known: dict[str, StoredClass] = {}

    def answer(self, method: str, name: str, body: Any) -> tuple[int, Any]:
        """The status and body of the answer to a request about the schema.

        Args:
            method: HTTP method.
            name: Name of a class; empty when the request is about all.
            body: The request's body.

        Raises:
            Refusal: If the service would not take it.
        """
        if method == "POST" and not name:
            made = StoredClass(body if isinstance(body, dict) else {})
            if made.name.lower() in {each.lower() for each in self._known}:
                raise refusal(f"class name {made.name} already exists")
            self._known[made.name] = made
            return HTTPStatus.OK, made.given
        if method == "GET" and not name:
            return HTTPStatus.OK, {"classes": [each.given for each in self._known.values()]}
        if method == "GET":
            if name not in self._known:
                raise refusal(f"class {name} not found", status=HTTPStatus.NOT_FOUND)
            return HTTPStatus.OK, self._known[name].given
        if method == "DELETE" and name:
            self._known.pop(name, None)
            return HTTPStatus.OK, {}
        raise refusal("method not allowed", status=HTTPStatus.METHOD_NOT_ALLOWED)

    def named(self, name: str) -> StoredClass:
        """The class of a name.

        Raises:
            Refused: If there is none.
        """
        if name not in self._known:
            raise Refused(f"could not find class {name} in schema")
        return self._known[name]


def _typed(given: Mapping[str, Any]) -> tuple[str, str]:
    name, kinds = str(given.get("name", "")), given.get("dataType") or [""]
    if not _PROPERTY.fullmatch(name) or name in ("id", "_id", "_additional", "vector"):
        raise refusal(f"'{name:.80}' is not a valid property name")
    if kinds[0] not in _TYPES:
        raise refusal(f"property '{name}': data type '{kinds[0]}' is not served")
    return name, kinds[0]


def _indexed(given: Mapping[str, Any]) -> dict[str, Any]:
    is_text = str((given.get("dataType") or [""])[0]).startswith("text")
    defaults: dict[str, Any] = {
        "indexFilterable": True,
        "indexSearchable": is_text,
        "indexRangeFilters": False,
    }
    return {**defaults, **({"tokenization": "word"} if is_text else {}), **given}


def _filled(given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: {
            "vectorIndexType": "hnsw",
            **config,
            "vectorIndexConfig": {**_HNSW, **(config.get("vectorIndexConfig") or {})},
        }
        for name, config in given.items()
    }


def _vector_of(given: Mapping[str, Any]) -> tuple[str, str]:
    if len(given) != 1:
        raise refusal("this server keeps classes with exactly one vector in vectorConfig")
    ((name, config),) = given.items()
    distance = (config.get("vectorIndexConfig") or {}).get("distance") or "cosine"
    if distance not in _DISTANCES:
        raise refusal(f"distance metric '{distance}' is not one of {', '.join(_DISTANCES)}")
    if "none" not in config.get("vectorizer", {}):
        raise refusal("this server makes no vectors: use the vectorizer 'none'")
    return name, distance
