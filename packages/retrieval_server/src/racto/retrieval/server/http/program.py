"""The program that serves: a socket, signals, and an end in which no request is lost."""

from __future__ import annotations

import gc
import signal
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING

from racto.core.errors import MissingExtraError

from .application import Application

if TYPE_CHECKING:
    import uvicorn

# Idle connections are kept this long: clients that ask once a minute need no new one.
_KEEP_ALIVE_S = 75


def serve(
    application: Application,
    *,
    host: str = "127.0.0.1",
    port: int = 5000,
    on_reload: Callable[[], None] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT, then finish what is under way.

    Args:
        application: What to serve.
        host: The address to listen at.
        port: The port; 0 takes a free one, which the log names.
        on_reload: Called on the loop that serves at each SIGHUP.

    Raises:
        MissingExtraError: If the server's library is not installed.
    """
    server = _server(application, host, port, on_reload)
    # What lives now lives for good: collections of garbage need not look at it again.
    gc.collect()
    gc.freeze()
    server.run()


def _server(
    application: Application, host: str, port: int, on_reload: Callable[[], None] | None
) -> uvicorn.Server:
    try:
        import uvicorn
    except ImportError as error:
        raise MissingExtraError(
            "uvicorn", install="racto-retrieval-server[http]", purpose="The HTTP server"
        ) from error

    class Draining(uvicorn.Server):
        """Tells the application first, and ends the process with 0 after a signal."""

        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            application.drain()
            # The second Ctrl-C does not wait for anybody.
            self.force_exit = self.should_exit and sig == signal.SIGINT
            self.should_exit = True

        async def startup(self, sockets: object = None) -> None:
            await super().startup()
            if on_reload is not None and hasattr(signal, "SIGHUP"):
                import asyncio

                asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, on_reload)

    # The library chooses uvloop and httptools where they are installed.
    config = uvicorn.Config(
        application,
        host=host,
        port=port,
        lifespan="on",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE_S,
        timeout_graceful_shutdown=int(application.settings.grace_s) or 1,
    )
    return Draining(config)
