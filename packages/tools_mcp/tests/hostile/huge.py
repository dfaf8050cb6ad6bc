"""Answers with as many bytes as it is asked for, or with a line that never ends."""

import sys

from wire import SILENCE, Message, arguments, serve, write


def endless(message: Message) -> object:
    write(b'{"jsonrpc": "2.0", "id": %d, "result": {"content": "' % message["id"])
    try:
        while True:
            write(b"x" * 65536)
    except BrokenPipeError:
        sys.exit(0)
    return SILENCE


def words(message: Message) -> str:
    return "x" * int(arguments(message)["size"])


def errors(message: Message) -> str:
    sys.stderr.write("e" * int(arguments(message)["size"]) + "\n")
    sys.stderr.flush()
    return "done"


serve({"words": words, "endless": endless, "errors": errors})
