"""Examples that hypothesis draws: what each format can hold, with the characters that break files."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from racto.core.content import (
    AudioPart,
    DocumentPart,
    ImagePart,
    RefusalPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from racto.finetune.examples import RactoTrainingExample
from racto.finetune.messages import RactoTrainingMessage
from racto.finetune.written_calls import call_of_text

# Line breaks that JSON does not escape, halves of surrogate pairs, nothing, NUL, and all the rest.
NASTY = [
    "",
    "\u2028",
    "\u2029a",
    "b\u0085",
    "\ud800",
    "\udfffx",
    "\x00",
    "\r\n",
    "\x1c",
    "null",
    "é",
    "😀",
]
texts = st.sampled_from(NASTY) | st.text(max_size=8)
filled = texts.filter(lambda text: text != "")
valid_texts = texts.filter(lambda text: not any("\ud800" <= sign <= "\udfff" for sign in text))
names = st.text("abcxyz_", min_size=1, max_size=6)
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=4,
)
objects = st.dictionaries(texts, json_values, max_size=3)
# Lone halves make arguments malformed, which is a case of its own.
plain_objects = st.dictionaries(names, st.integers() | valid_texts | st.booleans(), max_size=3)
image_data = st.builds(
    lambda data, kind: ImagePart(data=data, mime_type=f"image/{kind}"),
    st.binary(max_size=8),
    st.sampled_from(["png", "jpeg", "webp", "gif"]),
)
images = image_data | st.builds(
    lambda name, kind: ImagePart(url=f"https://host.test/{name}.{kind}", mime_type=f"image/{kind}"),
    names,
    st.sampled_from(["png", "gif", "webp"]),
)
schemas = st.builds(
    lambda properties: {
        "type": "object",
        "properties": {
            name: {"type": kind, "description": "d"} for name, kind in properties.items()
        },
        "required": sorted(properties),
    },
    st.dictionaries(
        names,
        st.sampled_from(["string", "integer", "number", "boolean", ["string", "null"]]),
        max_size=3,
    ),
)
tools = st.lists(
    st.builds(
        lambda name, text, schema: {"name": name, "description": text, "parameters": schema},
        names,
        texts,
        schemas,
    ),
    max_size=2,
)


def message(role: str, *parts: Any, **facts: Any) -> RactoTrainingMessage:
    """A message of parts."""
    return RactoTrainingMessage(role, parts, **facts)


def words(role: str) -> st.SearchStrategy[RactoTrainingMessage]:
    """A message of text alone."""
    return st.builds(lambda text: RactoTrainingMessage(role, text), texts)


def with_media(*media: st.SearchStrategy[Any]) -> st.SearchStrategy[RactoTrainingMessage]:
    """A user's message of text and media in any order."""
    part = st.one_of(texts.map(lambda text: TextPart(text=text)), *media)
    return st.lists(part, min_size=1, max_size=4).map(lambda parts: message("user", *parts))


@st.composite
def calls(
    draw: st.DrawFn, *, with_ids: bool = True, written: bool = False, named: bool = False
) -> list[RactoTrainingMessage]:
    """An assistant's turn that calls one or two tools, and the tools' answers."""
    count = draw(st.integers(1, 2))
    made, answers = [], []
    for number in range(count):
        id = f"call_{number}" if with_ids else ""
        name = draw(names)
        if written and draw(st.booleans()):
            made.append(call_of_text(draw(texts), name=name, id=id))
        else:
            made.append(ToolCallPart(id=id, name=name, arguments=draw(plain_objects)))
        result = ToolResultPart(tool_call_id=id, name=name if named else "", content=draw(texts))
        answers.append(message("tool", result))
    return [message("assistant", *made), *answers]


def conversations(
    user: st.SearchStrategy[RactoTrainingMessage] | None = None,
    rounds: st.SearchStrategy[list[RactoTrainingMessage]] | None = None,
) -> st.SearchStrategy[list[RactoTrainingMessage]]:
    """System, user, perhaps tools, assistant; the last two up to three times."""
    one = st.tuples(
        (words("user") if user is None else user).map(lambda turn: [turn]),
        st.just([]) if rounds is None else rounds | st.just([]),
        words("assistant").map(lambda turn: [turn]),
    ).map(lambda parts: [turn for part in parts for turn in part])
    return st.tuples(
        st.just([]) | words("system").map(lambda turn: [turn]),
        st.lists(one, min_size=1, max_size=3),
    ).map(lambda pair: [*pair[0], *(turn for part in pair[1] for turn in part)])


audio = st.builds(
    lambda data, kind: AudioPart(data=data, mime_type=kind),
    st.binary(max_size=8),
    st.sampled_from(["audio/wav", "audio/mpeg"]),
)
documents = st.builds(
    lambda data, name: DocumentPart(data=data, mime_type="application/pdf", name=f"{name}.pdf"),
    st.binary(max_size=8),
    names,
)
refusals = filled.map(lambda text: message("assistant", RefusalPart(text=text)))


def examples_of(
    turns: st.SearchStrategy[list[RactoTrainingMessage]],
    extra: st.SearchStrategy[dict[str, Any]] | None = None,
) -> st.SearchStrategy[RactoTrainingExample]:
    """Conversations with tools, and further fields where the format has them."""
    return st.builds(
        lambda turns, tools, extra: RactoTrainingExample(turns, tools=tools, extra=extra),
        turns,
        tools,
        st.just({}) if extra is None else extra,
    )


def preferences_of(
    turns: st.SearchStrategy[list[RactoTrainingMessage]],
    extra: st.SearchStrategy[dict[str, Any]] | None = None,
) -> st.SearchStrategy[RactoTrainingExample]:
    """Conversations that end with the user, and two answers."""
    return st.builds(
        lambda turns, tools, extra, chosen, rejected: RactoTrainingExample(
            turns[:-1], tools=tools, extra=extra, chosen=[chosen], rejected=[rejected]
        ),
        turns,
        tools,
        st.just({}) if extra is None else extra,
        words("assistant"),
        words("assistant"),
    )


columns = st.dictionaries(names.map("x_{}".format), json_values, max_size=2)
OPENAI = conversations(
    words("user") | with_media(images, audio, documents), calls(written=True)
) | st.tuples(words("user"), refusals).map(list)
GEMINI = conversations(
    words("user")
    | with_media(images, audio, documents.map(lambda part: part.model_copy(update={"name": ""}))),
    calls(named=True),
)
ANTHROPIC = conversations(words("user") | with_media(images, documents), calls())
TRL = conversations(words("user") | with_media(images, audio), calls(named=True))
SHAREGPT = conversations(rounds=calls(with_ids=False))
ONE_SYSTEM = conversations()

FORMS: dict[str, st.SearchStrategy[RactoTrainingExample]] = {
    "openai": examples_of(OPENAI),
    "openai-preference": preferences_of(OPENAI),
    "openai-reinforcement": examples_of(OPENAI, columns),
    "anthropic": examples_of(ANTHROPIC),
    "gemini": examples_of(GEMINI),
    "gemini-preference": preferences_of(GEMINI),
    "trl": examples_of(TRL, columns),
    "trl-preference": preferences_of(TRL, columns),
    "sharegpt": examples_of(SHAREGPT, columns) | preferences_of(SHAREGPT, columns),
    "columns": st.builds(
        lambda user, answer, system: RactoTrainingExample.from_pair(user, answer, system=system),
        texts,
        texts,
        texts,
    ),
}
"""What each format can hold, by its name."""
