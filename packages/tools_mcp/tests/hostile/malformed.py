"""Answers calls with error objects and results of the wrong shape; the tool's name says which."""

from wire import SILENCE, Message, refuse, serve, text

ERRORS: dict[str, object] = {
    "error_is_text": "it broke",
    "error_is_null": None,
    "error_is_list": [1, "x"],
    "error_is_empty": {},
    "code_is_text": {"code": "E_BROKEN", "message": "it broke"},
    "code_is_float": {"code": -32000.5, "message": "it broke"},
    "code_is_huge": {"code": 10**30, "message": "it broke"},
    "no_code": {"message": "it broke"},
    "no_message": {"code": -32000},
    "message_is_null": {"code": -32000, "message": None},
    "message_is_object": {"code": -32000, "message": {"en": "it broke"}},
    "message_is_huge": {"code": -32000, "message": "m" * 1_000_000},
    "plain_error": {"code": -32000, "message": "it broke", "data": {"why": ["because"]}},
}
RESULTS: dict[str, object] = {
    "result_is_text": "it worked",
    "result_is_null": None,
    "result_is_list": [],
    "result_is_empty": {},
    "content_is_null": {"content": None},
    "content_is_text": {"content": "it worked"},
    "content_is_object": {"content": {"type": "text", "text": "it worked"}},
    "block_is_text": {"content": ["it worked"]},
    "block_has_no_type": {"content": [{"text": "it worked"}]},
    "block_is_unknown": {"content": [{"type": "hologram", "data": "..."}]},
    "block_is_incomplete": {"content": [{"type": "image", "data": "iVBOR"}]},
    "is_error_is_text": text("it worked") | {"isError": "perhaps"},
    "structured_is_list": text("it worked") | {"structuredContent": [1, 2]},
    "base64_is_broken": {"content": [{"type": "image", "data": "%%%", "mimeType": "image/png"}]},
    "base64_is_html": {"content": [{"type": "audio", "data": "<html>", "mimeType": "text/html"}]},
    "kind_is_unknown": text("it worked") | {"resultType": "hologram"},
}


def fails(message: Message) -> object:
    refuse(message, ERRORS[message["params"]["name"]])
    return SILENCE


def succeeds(message: Message) -> object:
    return RESULTS[message["params"]["name"]]


calls = dict.fromkeys(ERRORS, fails) | dict.fromkeys(RESULTS, succeeds)
serve(calls | {"echo": lambda message: "echo"})
