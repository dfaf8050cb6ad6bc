"""A relay between a store and its server that counts round trips and breaks connections."""

from __future__ import annotations

import ctypes
import socket
import struct
import threading
from contextlib import suppress
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

# Linux's number of the option, which Python does not name, and a filter that accepts nothing.
_ATTACH_FILTER = 26
_NOTHING = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0), 8)


class Relay:
    """Listens on a port of its own and passes on what comes, until it is told to break.

    Args:
        dsn: Where the server is.
    """

    def __init__(self, dsn: str) -> None:
        self._target = conninfo_to_dict(dsn)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._links: set[socket.socket] = set()
        self.turns = 0
        """How often somebody spoke to the server after it had answered: round trips."""
        self.question_bytes = self.answer_bytes = 1 << 60
        """How many bytes more get through before all connections break."""
        self.is_down = False
        """Whether new connections are refused."""
        port = self._listener.getsockname()[1]
        options = {"sslmode": "disable", "gssencmode": "disable"}
        self.dsn = make_conninfo(dsn, host="127.0.0.1", port=port, **options)
        threading.Thread(target=self._accept, daemon=True).start()

    def sever(self) -> None:
        """Break all connections now, and let those after live."""
        self.question_bytes = self.answer_bytes = 1 << 60
        with self._lock:
            links, self._links = self._links, set()
        for link in links:
            with suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)

    def swallow(self) -> None:
        """Let the network lose all that comes on the connections of now, unacknowledged."""
        lost = struct.pack("HL", 1, ctypes.addressof(_NOTHING))
        with self._lock:
            for link in self._links:
                with suppress(OSError):
                    link.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, lost)

    def close(self) -> None:
        """Break all connections and take no more."""
        self.is_down = True
        self._listener.close()
        self.sever()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self.is_down:
                    client.close()
                    continue
                server = self._connect()
                with self._lock:
                    self._links |= {client, server}
                talk = {"asked": False}
                for ends in ((client, server, True), (server, client, False)):
                    threading.Thread(target=self._pump, args=(*ends, talk), daemon=True).start()

    def _connect(self) -> socket.socket:
        host, port = str(self._target.get("host") or ""), int(self._target.get("port") or 5432)
        if not host.startswith("/"):
            return socket.create_connection((host or "127.0.0.1", port))
        link = socket.socket(socket.AF_UNIX)
        link.connect(str(Path(host) / f".s.PGSQL.{port}"))
        return link

    def _pump(
        self, source: socket.socket, sink: socket.socket, is_question: bool, talk: dict[str, bool]
    ) -> None:
        with suppress(OSError):
            while data := source.recv(4096):
                if self._is_spent(len(data), is_question, talk):
                    self.sever()
                    break
                sink.sendall(data)
        for link in (source, sink):
            link.close()

    def _is_spent(self, size: int, is_question: bool, talk: dict[str, bool]) -> bool:
        with self._lock:
            if is_question:
                self.question_bytes -= size
                self.turns += not talk["asked"]
            else:
                self.answer_bytes -= size
            talk["asked"] = is_question
            return min(self.question_bytes, self.answer_bytes) < 0
