"""From items to lines of an upload; every item that cannot be sent is found before any is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import orjson
from pydantic import BaseModel, ValidationError

from racto.core.chat import ChatConfig
from racto.core.errors import ConfigurationError, RactoGatewayError
from racto.core.prompts import RactoPrompt
from racto.core.protocols.codecs import RequestCodec, Templating
from racto.core.requests import EncodedRequest

from .hosts import BatchHost
from .items import BatchItem
from .reply_models import schema_text
from .terms import Terms, terms_of_chat

Item: TypeAlias = BatchItem | Mapping[str, Any] | bytes
"""An item, its fields, or their JSON."""

_Template: TypeAlias = Callable[[str], EncodedRequest]

# Fields whose values are the same when they are equal.
_KEYS = (
    "system",
    "temperature",
    "max_tokens",
    "model",
    "chain_of_thought",
    "native_thinking",
    "thinking_budget",
    "reasoning_effort",
    "top_p",
    "top_k",
    "seed",
    "stop",
    "presence_penalty",
    "frequency_penalty",
    "cache",
)
_PLAIN = frozenset({"custom_id", "user_message", "response_model", *_KEYS})
_MOST_TEMPLATES = 1000
_MOST_SHOWN = 20
_LONGEST_ID = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedItem:
    """One item, ready for a file.

    Attributes:
        custom_id: Its name.
        line: Its line of the upload, without the last line break.
        request: What the line says.
        lane: Items of one lane may share a job.
        weight: How many requests the provider counts it for.
        terms: What reading the reply needs.
        texts: Texts to embed; empty for chat.
    """

    custom_id: str
    line: bytes
    request: EncodedRequest
    lane: str
    weight: int
    terms: Terms
    texts: tuple[str, ...] = ()


class ItemEncoder:
    """Encodes the items of one job, and keeps count of those that cannot be.

    Args:
        codec: Shapes requests.
        host: Shapes lines, and knows the limits.
        prompt: System prompt for items without a system text.

    Attributes:
        models: Models of replies that the items named, by the text of their schema.
    """

    def __init__(
        self, codec: RequestCodec, host: BatchHost, *, prompt: RactoPrompt | None = None
    ) -> None:
        self._codec = codec
        self._host = host
        self._limits = host.limits
        self._prompt = prompt
        self._is_id = re.compile(host.limits.id_pattern).fullmatch
        self._seen: set[str] = set()
        self._faults: list[str] = []
        self._faulty = 0
        self._schemas: dict[type[BaseModel], str] = {}
        self.models: dict[str, type[BaseModel]] = {}
        # Most jobs ask one thing of many texts: the request is shaped once.
        self._template_of = codec.template if isinstance(codec, Templating) else None
        self._templates: dict[tuple[Any, ...], tuple[_Template | None, Terms]] = {}

    def encoded(self, items: Iterable[Item]) -> Iterator[EncodedItem]:
        """The items, one after the other, as long as none is at fault.

        Raises:
            ConfigurationError: At the end, if any is at fault; names the first 20 with the reason.
        """
        number = -1
        for number, item in enumerate(items):
            try:
                made = self._made(item)
            except (ValidationError, RactoGatewayError, TypeError) as error:
                self._note(number, item, error)
                continue
            if not self._faulty:
                yield made
        if self._faulty:
            raise self._refusal(number + 1)
        if number < 0:
            raise ConfigurationError("there are no items; a job needs at least one")

    def _made(self, item: Item) -> EncodedItem:
        if not isinstance(item, BatchItem):
            item = _item_of(item)
        self._check_id(item.custom_id)
        if item.texts:
            request = self._codec.encode_embedding(item.embedding_config())
            terms = Terms(kind="embedding", path=request.path, model=request.model)
        else:
            request, terms = self._chat(item)
        line = self._host.line(item.custom_id, request)
        if len(line) > self._limits.line_bytes:
            raise ConfigurationError(
                f"its request has {len(line)} bytes, {self._codec.provider} takes "
                f"{self._limits.line_bytes}; send large files by reference"
            )
        weight = self._host.weight(request)
        if weight > self._limits.requests:
            raise ConfigurationError(
                f"it has {weight} texts, {self._codec.provider} takes {self._limits.requests} a "
                "job; spread them over several items"
            )
        return EncodedItem(
            custom_id=item.custom_id,
            line=line,
            request=request,
            lane=self._host.lane(request),
            weight=weight,
            terms=terms,
            texts=item.texts,
        )

    def _chat(self, item: BatchItem) -> tuple[EncodedRequest, Terms]:
        if self._template_of is None or not item.user_message or item.model_fields_set - _PLAIN:
            return self._encoded(item.chat_config(self._prompt))
        key = _key_of(item)
        found = self._templates.get(key)
        if found is None:
            config = item.chat_config(self._prompt)
            _, terms = self._encoded(config)
            found = self._templates[key] = (self._template_of(config), terms)
            # Items that have little in common must not fill the memory.
            if len(self._templates) > _MOST_TEMPLATES:
                self._templates.clear()
        template, terms = found
        if template is None:
            return self._encoded(item.chat_config(self._prompt))
        return template(item.user_message), terms

    def _encoded(self, config: ChatConfig) -> tuple[EncodedRequest, Terms]:
        request = self._codec.encode(config)
        model = config.response_model
        if model is None and config.prompt is not None:
            # As kits do: a prompt that names a model wants replies of it.
            wanted = config.prompt.output_format
            model = wanted if isinstance(wanted, type) else None
        schema = self._schema(model) if model is not None else None
        return request, terms_of_chat(request, config, model, schema)

    def _schema(self, model: type[BaseModel]) -> str:
        text = self._schemas.get(model)
        if text is None:
            text = self._schemas[model] = schema_text(model)
            self.models.setdefault(text, model)
        return text

    def _check_id(self, custom_id: str) -> None:
        limits = self._limits
        if len(custom_id) > limits.id_length or self._is_id(custom_id) is None:
            raise ConfigurationError(
                f"custom_id must have at most {limits.id_length} characters and match "
                f"{limits.id_pattern} for {self._codec.provider}"
            )
        if custom_id in self._seen:
            raise ConfigurationError("custom_id is taken by an earlier item; ids must be unique")
        self._seen.add(custom_id)

    def _note(self, number: int, item: Any, error: Exception) -> None:
        self._faulty += 1
        if len(self._faults) < _MOST_SHOWN:
            name = f"{_id_in(item)!r:.{_LONGEST_ID}}"
            self._faults.append(f"items[{number}] ({name}): {reason_of(error)}")

    def _refusal(self, count: int) -> ConfigurationError:
        more = self._faulty - len(self._faults)
        lines = [*self._faults, *([f"and {more} more"] if more else [])]
        return ConfigurationError(
            f"{self._faulty} of {count} items cannot be sent; nothing was uploaded:\n- "
            + "\n- ".join(lines)
        )


def _item_of(given: Item) -> BatchItem:
    if isinstance(given, bytes):
        return BatchItem.model_validate_json(given)
    if isinstance(given, Mapping):
        return BatchItem.model_validate(given)
    raise TypeError(f"an item is a BatchItem or its fields, not a {type(given).__name__}")


def _id_in(given: Any) -> Any:
    """The id of an item that may be faulty; None where it has none."""
    if isinstance(given, bytes):
        try:
            given = orjson.loads(given)
        except ValueError:
            return None
    found = given.get("custom_id") if isinstance(given, Mapping) else None
    return getattr(given, "custom_id", found)


def _key_of(item: BatchItem) -> tuple[tuple[str, Any], ...]:
    """Equal for items that differ in nothing but their ids and words."""
    said_fields = item.model_fields_set
    said: list[tuple[str, Any]] = [
        (name, getattr(item, name)) for name in _KEYS if name in said_fields
    ]
    if (model := item.response_model) is not None:
        # A file names its schema anew for every item.
        said.append(("response_model", schema_text(model) if isinstance(model, dict) else model))
    return tuple(said)


def reason_of(error: Exception) -> str:
    """What is wrong with an item, in one line and without its values."""
    if not isinstance(error, ValidationError):
        return str(error)
    found = error.errors(include_url=False, include_input=False, include_context=False)
    return "; ".join(
        f"{'.'.join(map(str, fault['loc'])) or 'item'}: {fault['msg']}" for fault in found[:5]
    )
