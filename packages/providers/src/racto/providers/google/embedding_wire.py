"""The embeddings wires of the Gemini API and of Vertex AI: texts in, one vector a text out."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from racto.core.usage import Usage
from racto.providers.connections.failures import Translator
from racto.providers.connections.payloads import SHAPE_ERRORS, load_reply
from racto.providers.counts import count as count_of
from racto.providers.embeddings.wires import EmbeddedBatch, EmbeddingCall, input_usage
from racto.providers.kits.wires import WireReply, WireRequest

from .endpoints import Endpoint
from .turns import PROVIDER

BATCH_SIZE = 100
"""Most texts that the API takes in one request."""

VERTEX_BATCH_BYTES = 20_000
"""Most tokens that Vertex AI takes in one request, counted in bytes, which are never fewer."""

_TASKS = {"query": "RETRIEVAL_QUERY", "document": "RETRIEVAL_DOCUMENT"}

# Models up to gemini-embedding-001 are told the task by a field, which later ones ignore in
# silence: those read it from the text, in the words of Google's guide to embeddings.
_TOLD_BY_FIELD = re.compile(
    r"(?:.*/)?(?:text-|textembedding-|embedding-|multilingual-|gemini-embedding-(?:001|exp))"
)
_TOLD_IN_WORDS = {
    "RETRIEVAL_QUERY": "task: search result | query: {text}",
    "RETRIEVAL_DOCUMENT": "title: {title} | text: {text}",
    "QUESTION_ANSWERING": "task: question answering | query: {text}",
    "FACT_VERIFICATION": "task: fact checking | query: {text}",
    "CODE_RETRIEVAL_QUERY": "task: code retrieval | query: {text}",
    "CLASSIFICATION": "task: classification | query: {text}",
    "CLUSTERING": "task: clustering | query: {text}",
    "SEMANTIC_SIMILARITY": "task: sentence similarity | query: {text}",
}


class GoogleEmbeddingWire:
    """Shapes requests and reads replies of ``batchEmbedContents``, and of Vertex AI's ``predict``.

    Keeps :class:`~racto.providers.embeddings.EmbeddingWire`. An ``input_type`` other than
    ``query`` and ``document`` is taken as a task of Google's, for example ``CLUSTERING``. Vectors
    that were shortened come back with length 1, whichever model made them.

    Args:
        endpoint: Where the models are served.
        translator: Makes the errors.
    """

    def __init__(self, endpoint: Endpoint, translator: Translator) -> None:
        self._endpoint = endpoint
        self._translator = translator

    @property
    def provider(self) -> str:
        """Name of the provider."""
        return PROVIDER

    def encode(self, texts: Sequence[str], call: EmbeddingCall) -> WireRequest:
        """The request for one batch; ``extra`` goes to the settings of each text."""
        settings = dict(call.extra)
        if call.dimensions is not None:
            settings.setdefault("outputDimensionality", call.dimensions)
        task = _TASKS.get(call.input_type or "", call.input_type)
        if task is not None and _TOLD_BY_FIELD.match(call.model):
            settings.setdefault("taskType", task)
        elif task in _TOLD_IN_WORDS:
            title = settings.pop("title", None) or "none"
            texts = [_TOLD_IN_WORDS[task].format(text=text, title=title) for text in texts]
        method, body = self._body(texts, call.model, settings)
        path = self._endpoint.path(call.model, method)
        return WireRequest(path=path, body=body, model=call.model)

    def decode(self, reply: WireReply, count: int) -> EmbeddedBatch:
        """The vectors in a reply.

        Raises:
            InvalidResponseError: If the reply is no list of embeddings.
        """
        data = load_reply(reply, self._translator)
        try:
            found = data.get("embeddings")
            if found is None:
                found = [each["embeddings"] for each in data["predictions"]]
            rows = [_of_length_one(each["values"]) for each in found]
        except SHAPE_ERRORS as error:
            raise self._translator.invalid(
                f"the reply is not a list of embeddings ({error!r})",
                body=reply.body,
                request_id=reply.request_id,
            ) from error
        return EmbeddedBatch(rows=rows, usage=_usage(data, found), request_id=reply.request_id)

    def _body(
        self, texts: Sequence[str], model: str, settings: Mapping[str, Any]
    ) -> tuple[str, dict[str, Any]]:
        if self._endpoint.is_vertex and "gemini" not in model.rpartition("/")[2]:
            return "predict", _predicted(texts, settings)
        contents = [{"content": {"role": "user", "parts": [{"text": text}]}} for text in texts]
        if self._endpoint.is_vertex:
            each: dict[str, Any] = {"embedContentConfig": dict(settings)} if settings else {}
        else:
            each = {**settings, "model": self._endpoint.resource(model)}
        return "batchEmbedContents", {"requests": [content | each for content in contents]}


def _predicted(texts: Sequence[str], settings: Mapping[str, Any]) -> dict[str, Any]:
    """The body for Vertex AI's older models, whose fields are spelled in two ways."""
    further = dict(settings)
    told = {
        name: further.pop(field)
        for field, name in (("taskType", "task_type"), ("title", "title"))
        if field in further
    }
    body: dict[str, Any] = {"instances": [{"content": text, **told} for text in texts]}
    return body | ({"parameters": further} if further else {})


def _of_length_one(values: Sequence[float]) -> Sequence[float]:
    """The vector with length 1: Gemini does not normalise the vectors that it shortens."""
    length = math.hypot(*values)
    # What has this length already is left as it came, up to the last digit.
    if length == 0.0 or abs(length - 1.0) < 1e-6:
        return values
    return [value / length for value in values]


def _usage(data: Mapping[str, Any], found: Sequence[Mapping[str, Any]]) -> Usage:
    report = data.get("usageMetadata")
    if isinstance(report, Mapping):
        return input_usage(report.get("promptTokenCount"))
    # Vertex AI's older models count the tokens of each text instead.
    texts = [each.get("statistics") for each in found]
    counts = [count_of(text.get("token_count")) for text in texts if isinstance(text, Mapping)]
    return input_usage(sum(number for number in counts if number is not None) or None)
