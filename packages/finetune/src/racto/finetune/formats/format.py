"""One format of training files: how a record is made of an example, and an example of a record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from racto.core.errors import ConfigurationError
from racto.finetune.examples import Kind, RactoTrainingExample

from .losses import Losses


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A format of training files.

    Attributes:
        name: Its name, such as ``openai``.
        title: Its name in sentences.
        kind: The kind of examples that it holds.
        encoder: Makes a record of an example.
        decoder: Makes an example of a record.
    """

    name: str
    title: str
    kind: Kind
    encoder: Callable[[RactoTrainingExample, Losses], dict[str, Any]]
    decoder: Callable[[Mapping[str, Any]], RactoTrainingExample]

    def encode(self, example: RactoTrainingExample, losses: Losses | None = None) -> dict[str, Any]:
        """The record of an example.

        Args:
            example: The example.
            losses: Takes what the format cannot carry; without it nothing may be lost.

        Raises:
            ConfigurationError: If the example is of another kind than the format's.
            UnsupportedFeatureError: If something would be lost.
        """
        return self.encoder(example, losses or Losses(title=self.title))

    def decode(self, record: Mapping[str, Any]) -> RactoTrainingExample:
        """The example of a record.

        Raises:
            ConfigurationError: If the record is not in this format; the message names the field.
        """
        try:
            return self.decoder(record)
        except ValidationError as error:
            # The first is enough, and none of them may show the text itself.
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise ConfigurationError(f"{where}: {first['msg']}") from error
