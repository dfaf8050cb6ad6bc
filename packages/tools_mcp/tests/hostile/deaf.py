"""Answers the handshake, then reads nothing any more, so that the pipe to it fills up."""

import time

from wire import SILENCE, Message, serve


def stop_reading(message: Message) -> object:
    time.sleep(600)
    return SILENCE


serve({"deafen": stop_reading})
