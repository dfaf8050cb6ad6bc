"""Weaviate's gRPC calls: objects are written, searched, counted and deleted."""

from __future__ import annotations

import struct
import uuid
from collections.abc import Sequence
from typing import Any

from .classes import Classes, StoredClass, StoredObject
from .filters import chosen
from .messages import loaded
from .refusals import Refused

MOST_RESULTS = 10_000
"""QUERY_MAXIMUM_RESULTS of a service that nobody has changed."""


def batch_objects(request: Any, classes: Classes) -> Any:
    """``BatchObjects``: each object is stored or refused on its own."""
    reply = loaded().batch.BatchObjectsReply()
    for index, each in enumerate(request.objects):
        try:
            owner = classes.named(each.collection)
            owner.put(each.tenant, _object_of(each, owner))
        except Refused as refused:
            reply.errors.add(index=index, error=refused.message)
    return reply


def search(request: Any, classes: Classes) -> Any:
    """``Search``: by vector, by filter, or page by page after an id."""
    owner = classes.named(request.collection)
    if request.limit + request.offset > MOST_RESULTS:
        raise Refused("query maximum results exceeded")
    stored, has_filter = owner.objects(request.tenant), request.HasField("filters")
    objects = chosen(request.filters, stored, owner) if has_filter else list(stored.values())
    found: list[tuple[float | None, StoredObject]]
    if request.HasField("near_vector"):
        found = list(owner.distances(_query_of(request.near_vector, owner), objects))
    else:
        if request.after and has_filter:
            raise Refused("'after' cannot be combined with filters")
        ordered = sorted(objects, key=lambda each: each.uuid)
        found = [(None, each) for each in ordered if each.uuid > request.after]
    end = request.offset + (request.limit or 10)
    reply = loaded().search.SearchReply(took=0.001)
    for distance, each in found[request.offset : end]:
        _tell(reply.results.add(), distance, each, owner, request)
    return reply


def delete(request: Any, classes: Classes) -> Any:
    """``BatchDelete``: by filter, at most 10,000 a call."""
    owner = classes.named(request.collection)
    objects = owner.objects(request.tenant)
    found = [each.uuid for each in chosen(request.filters, objects, owner)]
    removed = [] if request.dry_run else found[:MOST_RESULTS]
    for each in removed:
        del objects[each]
    return loaded().delete.BatchDeleteReply(
        took=0.001, failed=0, matches=len(found[:MOST_RESULTS]), successful=len(removed)
    )


def aggregate(request: Any, classes: Classes) -> Any:
    """``Aggregate``: the number of objects."""
    owner = classes.named(request.collection)
    if not request.objects_count or request.aggregations:
        raise Refused("this server counts objects and aggregates nothing else")
    stored = owner.objects(request.tenant)
    objects = (
        chosen(request.filters, stored, owner)
        if request.HasField("filters")
        else list(stored.values())
    )
    single = loaded().aggregate.AggregateReply.Single(objects_count=len(objects))
    return loaded().aggregate.AggregateReply(took=0.001, single_result=single)


def _object_of(given: Any, owner: StoredClass) -> StoredObject:
    try:
        name = str(uuid.UUID(given.uuid))
    except ValueError as error:
        raise Refused(f"invalid UUID: {given.uuid!r:.80}") from error
    sent = given.properties
    properties: dict[str, Any] = {
        key: _plain(value) for key, value in sent.non_ref_properties.fields.items()
    }
    properties |= {each.prop_name: list(each.values) for each in sent.text_array_properties}
    packed = given.vector_bytes
    for vector in given.vectors:
        if vector.name != owner.vector_name:
            raise Refused(f"vector {vector.name!r} is not configured in class {owner.name}")
        packed = vector.vector_bytes
    if not packed:
        raise Refused("the object has no vector, and the class makes none")
    return StoredObject(uuid=name, properties=properties, vector=_unit(_unpacked(packed), owner))


def _query_of(given: Any, owner: StoredClass) -> Sequence[float]:
    for target in given.vector_for_targets:
        if target.name != owner.vector_name:
            raise Refused(f"class {owner.name} does not have named vector {target.name}")
        return _unpacked(target.vectors[0].vector_bytes if target.vectors else target.vector_bytes)
    if given.vectors:
        return _unpacked(given.vectors[0].vector_bytes)
    return _unpacked(given.vector_bytes)


def _tell(
    result: Any,
    distance: float | None,
    each: StoredObject,
    owner: StoredClass,
    request: Any,
) -> None:
    told, wanted = result.metadata, request.metadata
    if wanted.uuid:
        told.id = each.uuid
        told.id_as_bytes = uuid.UUID(each.uuid).bytes
    if wanted.distance and distance is not None:
        told.distance, told.distance_present = distance, True
    if wanted.vector or wanted.vectors:
        packed = struct.pack(f"<{len(each.vector)}f", *each.vector)
        told.vectors.add(name=owner.vector_name, vector_bytes=packed, type=1)
    result.properties.target_collection = owner.name
    fields = result.properties.non_ref_props.fields
    some = request.properties
    everything = some.return_all_nonref_properties or not request.HasField("properties")
    for name in owner.types if everything else some.non_ref_properties:
        value = each.properties.get(name)
        if isinstance(value, list):
            fields[name].list_value.text_values.values.extend(value)
        elif isinstance(value, str):
            fields[name].text_value = value
        elif isinstance(value, bool):
            fields[name].bool_value = value
        elif value is not None and owner.types[name] == "int":
            fields[name].int_value = int(value)
        elif value is not None:
            fields[name].number_value = value


def _plain(value: Any) -> Any:
    kind = value.WhichOneof("kind")
    if kind not in ("string_value", "number_value", "bool_value"):
        raise Refused(f"a property of kind {kind} is not served")
    return getattr(value, kind)


def _unpacked(data: bytes) -> Sequence[float]:
    return struct.unpack(f"<{len(data) // 4}f", data)


def _unit(vector: Sequence[float], owner: StoredClass) -> Sequence[float]:
    if owner.distance != "cosine":
        return vector
    length = sum(value * value for value in vector) ** 0.5
    return [value / length for value in vector] if length else vector
