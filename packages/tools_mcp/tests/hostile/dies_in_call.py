"""Dies in the middle of a call: at once, or with half an answer on the wire."""

import os

from wire import Message, serve, write


def die(message: Message) -> None:
    os._exit(9)


def half(message: Message) -> None:
    write(b'{"jsonrpc": "2.0", "id": ')
    os._exit(9)


serve({"die": die, "half": half})
