"""Speaks HTTP wrongly, one way a path; prints the port it listens on, and notes each request.

/ok        serves well; its tools ``cut``, ``stall``, ``html``, ``broken`` and ``huge`` do not
/401 ...   answers everything with this status
/hang      takes the request and never answers
/cut       closes the connection in the middle of every answer
/redirect  sends the client to another host
/html      answers 200 with a page for people
/empty     answers 200 with nothing
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from wire import note, text, tool, welcome

PAGE = b"<html><body><h1>Something went wrong</h1> secret-of-the-server</body></html>"
TOOLS = ("echo", "cut", "cut_stream", "stall", "html", "broken", "huge", "status_500", "status_404")
STOPPED = threading.Event()


class Handler(BaseHTTPRequestHandler):
    """Answers by path."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.route(json.loads(body) if body else {})

    def do_GET(self) -> None:
        self.route({})

    def do_DELETE(self) -> None:
        self.route({})

    def route(self, message: dict[str, Any]) -> None:
        path = urlsplit(self.path).path.strip("/")
        headers = {name.lower(): value for name, value in self.headers.items()}
        note({"path": path, "verb": self.command, "headers": headers, "message": message})
        if path == "ok":
            self.serve(message)
        elif path.isdigit():
            self.reply(int(path), PAGE, "text/html")
        else:
            getattr(self, f"do_{path}", self.missing)()

    def missing(self) -> None:
        self.reply(404, b"", "text/plain")

    def do_hang(self) -> None:
        STOPPED.wait()

    def do_cut(self) -> None:
        self.reply(200, b'{"jsonrpc": "2.0", ', "application/json", length=4000)
        self.close_connection = True

    def do_redirect(self) -> None:
        self.send_response(307)
        self.send_header("Location", f"http://localhost:{self.server.server_port}/ok")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_html(self) -> None:
        self.reply(200, PAGE, "text/html")

    def do_empty(self) -> None:
        self.reply(200, b"", "application/json")

    def serve(self, message: dict[str, Any]) -> None:
        method = message.get("method")
        if self.command != "POST":
            self.reply(405, b"", "text/plain")
        elif method == "initialize":
            self.result(message, welcome(message))
        elif method == "tools/list":
            self.result(message, {"tools": [tool(name) for name in TOOLS]})
        elif method == "tools/call":
            self.call(message)
        elif "id" not in message:
            self.reply(202, b"", "application/json")
        elif method == "ping":
            self.result(message, {})
        else:
            error = {"code": -32601, "message": "no such method"}
            self.json({"jsonrpc": "2.0", "id": message["id"], "error": error})

    def call(self, message: dict[str, Any]) -> None:
        name = message["params"]["name"]
        if name == "cut":
            self.do_cut()
        elif name == "cut_stream":
            self.reply(200, b"event: message\ndata: {", "text/event-stream", length=4000)
            self.close_connection = True
        elif name == "stall":
            STOPPED.wait()
        elif name == "html":
            self.do_html()
        elif name == "broken":
            self.reply(200, b"{not json", "application/json")
        elif name == "huge":
            self.result(message, text("x" * int(message["params"]["arguments"]["size"])))
        elif name.startswith("status_"):
            self.reply(int(name.removeprefix("status_")), PAGE, "text/html")
        else:
            self.result(message, text("echo"))

    def result(self, message: dict[str, Any], result: Any) -> None:
        self.json({"jsonrpc": "2.0", "id": message["id"], "result": result})

    def json(self, value: Any) -> None:
        self.reply(200, json.dumps(value).encode(), "application/json")

    def reply(self, status: int, body: bytes, kind: str, *, length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Keep the output clean."""


class Server(ThreadingHTTPServer):
    """One thread a request, none of which keeps the program alive."""

    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is no news."""


with Server(("127.0.0.1", 0), Handler) as server:
    print(server.server_port, flush=True)
    server.serve_forever()
