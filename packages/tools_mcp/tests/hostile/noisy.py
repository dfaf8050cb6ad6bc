"""Puts garbage between its messages: bytes, invalid UTF-8, log lines, JSON that is no message."""

from wire import SILENCE, Message, answer, arguments, send, serve, text, write

NOISE = (
    b"\n",
    b"Loading the model ... 10 %\n",
    b"2026-11-30 12:00:00 WARNING disk is nearly full\r\n",
    b"\x00\x01\x02\xff\xfe\xfd\n",
    b"\xc3\x28 is not UTF-8\n",
    b"{not json at all\n",
    b'{"jsonrpc": "2.0", "method": "notifications/message", "params": {"data": "\xff\xfe"}}\n',
    b"[1, 2, 3]\n",
    b"[]\n",
    b"{}\n",
    b"null\n",
    b"42\n",
    b'"a string"\n',
    b'{"jsonrpc": "1.0", "id": 999, "result": {}}\n',
    b'{"jsonrpc": "2.0", "method": 7}\n',
    b'{"jsonrpc": "2.0", "id": {"a": 1}, "result": {}}\n',
    b"[" * 5000 + b"\n",
)


def around() -> None:
    for line in NOISE:
        write(line)


def broken(message: Message) -> object:
    # The text of the answer is no UTF-8, so the answer as a whole cannot be read.
    write(b'{"jsonrpc": "2.0", "id": %d, "result": {"content": [' % message["id"])
    write(b'{"type": "text", "text": "\xff\xfe"}]}}\n')
    return SILENCE


def surrogate(message: Message) -> object:
    # JSON may spell half a character, which no UTF-8 text can hold.
    write(b'{"jsonrpc": "2.0", "id": %d, "result": {"content": [' % message["id"])
    write(b'{"type": "text", "text": "\\ud83d"}]}}\n')
    return SILENCE


def batch(message: Message) -> object:
    # A batch was allowed once; today's protocol has none.
    send([{"jsonrpc": "2.0", "id": message["id"], "result": text("from a batch")}])
    return SILENCE


def nulls(message: Message) -> object:
    answer(message, text("before\x00after"))
    return SILENCE


serve(
    {
        "echo": lambda message: str(arguments(message).get("word")),
        "broken": broken,
        "surrogate": surrogate,
        "batch": batch,
        "nulls": nulls,
    },
    around=around,
)
