"""Terms: what must be known of a request, beside its reply, to read the reply; fit for a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import orjson
from pydantic import BaseModel

from racto.core.chat import ChatConfig
from racto.core.prompts import RactoPrompt
from racto.core.requests import EncodedRequest

from .reply_models import model_of_schema

# Only its output format is looked at, when a reply is read.
_JSON_PROMPT = RactoPrompt(role="-", aim="-", constraints=["-"], tone="-", output_format="json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What many items of a job have in common.

    Attributes:
        kind: ``chat`` or ``embedding``.
        path: Path of the request below the provider's base URL.
        model: Model that was asked.
        dropped: Fields that the request does not carry, by the caller's leave.
        schema: JSON Schema of the reply as text; None when there is none.
        wants_json: Whether JSON was asked for without a schema to check it by.
        has_system: Whether the request has a system text of its own.
    """

    kind: str = "chat"
    path: str = ""
    model: str = ""
    dropped: tuple[str, ...] = ()
    # As text: terms are compared and hashed for every item.
    schema: str | None = None
    wants_json: bool = False
    has_system: bool = False

    def packed(self) -> str:
        """The terms as JSON."""
        return orjson.dumps(asdict(self)).decode()

    @classmethod
    def unpacked(cls, text: str) -> Terms:
        """The terms of :meth:`packed`."""
        data: dict[str, Any] = orjson.loads(text)
        return cls(**{**data, "dropped": tuple(data["dropped"])})

    def request(self) -> EncodedRequest:
        """The request as far as reading its reply needs it."""
        return EncodedRequest(path=self.path, body={}, model=self.model, dropped=self.dropped)

    def config(self, models: Mapping[str, type[BaseModel]]) -> ChatConfig:
        """A request that has replies checked as the first one would have.

        Args:
            models: Models that this process knows, by their schema's text; for others the schema
                itself is the measure.
        """
        fields: dict[str, Any] = {"user_message": "-"}
        if self.schema is not None:
            # A class says more in its errors than its schema, and may check more.
            known = models.get(self.schema)
            fields["response_model"] = known or model_of_schema(orjson.loads(self.schema))
        if self.wants_json:
            fields["prompt"] = _JSON_PROMPT
        elif self.has_system:
            # Or the kit would judge by its default prompt, which was not sent.
            fields["system"] = "-"
        return ChatConfig(**fields)


def terms_of_chat(
    request: EncodedRequest, config: ChatConfig, model: type[BaseModel] | None, schema: str | None
) -> Terms:
    """The terms of a chat request.

    Args:
        request: What is sent.
        config: What it was made of.
        model: Model of the reply.
        schema: The text of its schema.
    """
    wanted = config.prompt.output_format if config.prompt is not None else ""
    # As kits read it: the format is a word of the prompt, in any case.
    in_words = isinstance(wanted, str) and wanted.strip().lower() == "json"
    return Terms(
        path=request.path,
        model=request.model,
        dropped=request.dropped,
        schema=schema,
        wants_json=model is None and (in_words or isinstance(wanted, dict)),
        has_system=config.prompt is not None or config.system is not None,
    )
