"""Answers ``initialize`` with a version that does not exist, or with nothing like an answer.

Its argument names the answer.
"""

import sys

from wire import Message, serve, welcome

ANSWERS: dict[str, object] = {
    "past": {"protocolVersion": "1999-01-01"},
    "future": {"protocolVersion": "2099-01-01"},
    "number": {"protocolVersion": 20251125},
    "empty": {"protocolVersion": ""},
    "missing": {"protocolVersion": None},
    "no_name": {"serverInfo": None},
    "capabilities": {"capabilities": "all of them"},
}


def greet(message: Message) -> object:
    answer = ANSWERS[sys.argv[1]]
    return welcome(message) | answer if isinstance(answer, dict) else answer


serve({}, methods={"initialize": greet})
