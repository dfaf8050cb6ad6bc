"""A TCP proxy before a Redis that cuts replies in the middle, or answers with something else."""

from __future__ import annotations

import contextlib
import socket
import threading

LOCAL = "127.0.0.1"


class RedisProxy:
    """Passes bytes on to a Redis and back. Use it as a context manager.

    Args:
        port: Where the Redis listens.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server((LOCAL, 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        self._cut_after: int | None = None
        self._answer: bytes | None = None
        self._thread = threading.Thread(target=self._accept, daemon=True)

    @property
    def url(self) -> str:
        """Where the proxy is."""
        return f"redis://{LOCAL}:{self.port}/0"

    def cut_replies(self, after: int | None) -> None:
        """Pass only so many bytes of each further reply on, then close; None passes all."""
        self._cut_after = after

    def answer_with(self, data: bytes | None) -> None:
        """Send this in place of each further reply; None passes replies on."""
        self._answer = data

    def __enter__(self) -> RedisProxy:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        # Closing alone does not wake the thread that waits in accept().
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for each in self._open:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        for each in self._open:
            each.close()

    def _accept(self) -> None:
        pumps = []
        while True:
            try:
                caller, _ = self._listener.accept()
            except OSError:
                break
            server = socket.create_connection((LOCAL, self._target))
            self._open += [caller, server]
            for ends in ((caller, server, False), (server, caller, True)):
                pumps.append(threading.Thread(target=self._pump, args=ends, daemon=True))
                pumps[-1].start()
        for pump in pumps:
            pump.join(5)

    def _pump(self, source: socket.socket, sink: socket.socket, is_reply: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                if is_reply and self._answer is not None:
                    data = self._answer
                if is_reply and self._cut_after is not None:
                    sink.sendall(data[: self._cut_after])
                    break
                sink.sendall(data)
        for each in (source, sink):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
