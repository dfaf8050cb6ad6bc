"""Questions that a tool puts to the user of its client, and what the user replied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

import mcp_types as types
from mcp.server.elicitation import render_elicitation_schema
from pydantic import BaseModel, ValidationError

from racto.core.errors import SchemaError, ToolExecutionError, UnsupportedFeatureError

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, kw_only=True)
class UserReply(Generic[M]):
    """What a user replied to a question of a tool.

    Attributes:
        action: ``accept``, ``decline`` (said no) or ``cancel`` (closed the form).
        data: What was filled in, when it was accepted.
    """

    action: Literal["accept", "decline", "cancel"]
    data: M | None = None


@dataclass(frozen=True, kw_only=True)
class Question(Generic[M]):
    """One question: words for the user, and the form to fill in.

    Attributes:
        message: The words.
        schema: Model of the form; its fields are text, numbers, booleans or choices.
        form: The form as JSON Schema, as the protocol restricts it.
    """

    message: str
    schema: type[M]
    form: dict[str, Any]

    @classmethod
    def of(cls, message: str, schema: type[M]) -> Question[M]:
        """Prepare a question.

        Raises:
            SchemaError: If the model has fields that no form can show.
        """
        try:
            form = render_elicitation_schema(schema)
        except TypeError as error:
            raise SchemaError(
                f"{schema.__name__} cannot be shown as a form ({error}); use fields of str, int, "
                "float, bool, or Literal, without nesting"
            ) from error
        return cls(message=message, schema=schema, form=form)

    @property
    def request(self) -> types.ElicitRequest:
        """The question as the protocol writes it."""
        params = types.ElicitRequestFormParams(message=self.message, requested_schema=self.form)
        return types.ElicitRequest(params=params)

    def reply(self, result: types.ElicitResult) -> UserReply[M]:
        """Read the user's reply.

        Raises:
            ToolExecutionError: If what was filled in does not fit the form.
        """
        if result.action != "accept":
            return UserReply(action=result.action)
        try:
            return UserReply(action="accept", data=self.schema.model_validate(result.content or {}))
        except ValidationError as error:
            # Where only: what a user typed may be private, and this text goes to a model.
            places = ", ".join(".".join(map(str, line["loc"])) or "form" for line in error.errors())
            raise ToolExecutionError(
                f"the client's reply to {self.message!r} does not fit the form: {places}"
            ) from error


def check_forms(capabilities: types.ClientCapabilities | None) -> None:
    """Do nothing if a client can show forms to its user.

    Raises:
        UnsupportedFeatureError: If it did not say that it can.
    """
    power = capabilities.elicitation if capabilities is not None else None
    # An empty capability is the older way to say "forms".
    if power is None or (power.form is None and power.url is not None):
        raise UnsupportedFeatureError(
            "this client cannot ask its user (it declares no form elicitation); connect with a "
            "client that does, or pass what is missing as an argument",
            feature="elicitation",
        )
