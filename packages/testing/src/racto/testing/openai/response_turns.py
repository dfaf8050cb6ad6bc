"""The conversation of a Responses request: what its items must have said, asked and answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from racto.testing.refusals import Refusal

from .failures import refusal
from .media import file_fault, image_fault
from .response_store import Item, ResponseStore
from .wording import missing

# The API tells the kinds of its ids by their beginnings, and refuses those of other APIs.
_PREFIXES: Mapping[str, str] = {
    "message": "msg",
    "function_call": "fc",
    "custom_tool_call": "ctc",
    "reasoning": "rs",
}
_CALLS = frozenset({"function_call", "custom_tool_call"})
_ANSWERS = frozenset({"function_call_output", "custom_tool_call_output"})


def check_turns(items: Sequence[Item], before: Sequence[Item], store: ResponseStore) -> None:
    """Check the items of a request in the light of the conversation so far.

    Args:
        items: The items of the request.
        before: The conversation up to them.
        store: What the server remembers.

    Raises:
        Refusal: If the API would not take them.
    """
    for fault in _faults(items, before, store):
        if fault is not None:
            raise fault


def _faults(
    items: Sequence[Item], before: Sequence[Item], store: ResponseStore
) -> Iterator[Refusal | None]:
    for number, item in enumerate(items):
        place = f"input[{number}]"
        yield from _id(item, place)
        for part_number, part in enumerate(_parts(item)):
            yield from _part(part, f"{place}.content[{part_number}]")
        if _kind(item) == "reasoning":
            yield from _reasoning(item, items[number + 1 :], store)
        elif _kind(item) == "item_reference" and store.item(item["id"]) is None:
            yield _unknown_item(item["id"])
    yield from _company(items, store)
    yield from _rounds([*before, *resolved(items, store)])


def resolved(items: Sequence[Item], store: ResponseStore) -> list[Item]:
    """The items of a request, with those in place of which references stand.

    Args:
        items: The items of the request.
        store: What the server remembers.
    """
    found = (store.item(item["id"]) if _kind(item) == "item_reference" else item for item in items)
    return [item for item in found if item is not None]


def _kind(item: Item) -> str:
    kind = item.get("type") or ("message" if "role" in item else "item_reference")
    return str(kind)


def _parts(item: Item) -> Sequence[Mapping[str, Any]]:
    content = item.get("content")
    is_message = _kind(item) == "message" and isinstance(content, list)
    return content if is_message and content is not None else ()


def _id(item: Item, place: str) -> Iterator[Refusal]:
    prefix, id = _PREFIXES.get(_kind(item)), item.get("id")
    if prefix is not None and id is not None and not id.startswith(prefix):
        yield refusal(
            f"Invalid '{place}.id': '{id}'. Expected an ID that begins with '{prefix}'.",
            param=f"{place}.id",
            code="invalid_value",
        )


def _part(part: Mapping[str, Any], place: str) -> Iterator[Refusal | None]:
    kind = part.get("type")
    if part.get("image_url") is not None:
        yield image_fault(part["image_url"], f"{place}.image_url")
    elif kind == "input_image" and part.get("file_id") is None:
        yield missing(f"{place}.image_url")
    if part.get("file_data") is not None:
        yield file_fault(part["file_data"], f"{place}.file_data")
    elif kind == "input_file" and not part.keys() & {"file_id", "file_url"}:
        yield missing(f"{place}.file_id")


def _reasoning(item: Item, after: Sequence[Item], store: ResponseStore) -> Iterator[Refusal]:
    id, content = item["id"], item.get("encrypted_content")
    # Reasoning is opaque to clients: the server must have it, or be able to unseal it.
    if content is None and store.item(id) is None:
        yield _unknown_item(id)
    if content is not None and not store.is_sealed_here(content):
        yield refusal(
            f"The encrypted content {content[:4]}... could not be verified.",
            code="invalid_encrypted_content",
        )
    # A thought that led to nothing cannot be continued.
    following = after[0] if after else {}
    is_the_users = following.get("role") in ("user", "system", "developer")
    if not following or is_the_users or _kind(following) in _ANSWERS:
        yield refusal(
            f"Item '{id}' of type 'reasoning' was provided without its required following item.",
            param="input",
        )


def _company(items: Sequence[Item], store: ResponseStore) -> Iterator[Refusal]:
    """What the model said after thinking comes back with the thought, or not at all."""
    # An item without its id is nobody's, and may come alone.
    here = {item.get("id") for item in items}
    for item in items:
        id = item.get("id")
        thought = store.thought_before(id) if id is not None else None
        if thought is not None and thought not in here:
            yield refusal(
                f"Item '{id}' of type '{_kind(item)}' was provided without its required"
                f" 'reasoning' item: '{thought}'.",
                param="input",
            )


def _rounds(conversation: Sequence[Item]) -> Iterator[Refusal]:
    # Over the whole conversation: a stored response may hold the call, this request its answer.
    calls = [item["call_id"] for item in conversation if _kind(item) in _CALLS]
    answers = [item.get("call_id") for item in conversation if _kind(item) in _ANSWERS]
    for id in answers:
        if id not in calls:
            message = f"No tool call found for function call output with call_id {id}."
            yield refusal(message, param="input")
    for id in calls:
        if id not in answers:
            yield refusal(f"No tool output found for function call {id}.", param="input")


def _unknown_item(id: str) -> Refusal:
    return refusal(
        f"Item with id '{id}' not found. Items are not persisted when `store` is set to false. Try"
        " again with `store` set to true, or remove this item from your input.",
        param="input",
        status=404,
    )
