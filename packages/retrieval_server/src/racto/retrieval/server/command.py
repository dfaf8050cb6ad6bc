"""The command ``racto-serve``: serves a configuration, or checks it."""

from __future__ import annotations

import argparse
import asyncio
import ipaddress
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from racto.core.errors import ConfigurationError, RactoGatewayError

from .config import Assembly, HTTPConfig, ServerConfig, read_config
from .http import Application, KeyRing, ServerSettings, Services
from .http.journal import journal_to_stderr
from .http.program import serve

_log = logging.getLogger(__name__)

DONE = 0
WRONG = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: What follows its name; those of the process by default.

    Returns:
        0, or 2 if the configuration or an option is wrong.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    # "check" is a word and no file, so that the plain form needs no word at all.
    checking = given[:1] == ["check"]
    options = _parser(checking=checking).parse_args(given[1:] if checking else given)
    try:
        return _check(options) if checking else _serve(options)
    except RactoGatewayError as error:
        _complain(str(error))
        return WRONG


def _check(options: argparse.Namespace) -> int:
    found = _assembly(options).check()
    for problem in found:
        _complain(problem)
    if not found:
        sys.stdout.write("the configuration is right; engines were looked up and not made\n")
    return WRONG if found else DONE


def _serve(options: argparse.Namespace) -> int:
    assembly = _assembly(options)
    http = assembly.config.http
    host = options.host or http.host
    keys = KeyRing(_keys(options, http))
    if not keys and not _is_loopback(host) and not options.without_keys:
        raise ConfigurationError(
            f"{host} can be reached by others: give a key (--api-key, RACTO_API_KEY or "
            "http.api_keys), or say --without-keys"
        )
    journal_to_stderr(logging.WARNING if options.quiet else logging.INFO)
    pipelines = assembly.pipelines()
    application = Application(Services(pipelines.registry, pipelines), _settings(http), keys=keys)
    reload = _Reload(options, application)
    port = http.port if options.port is None else options.port
    serve(application, host=host, port=port, on_reload=reload)
    return DONE


class _Reload:
    """Reads the configuration again and swaps the services; what is wrong changes nothing."""

    def __init__(self, options: argparse.Namespace, application: Application) -> None:
        self._options = options
        self._application = application
        self._task: asyncio.Task[None] | None = None
        self._again = False

    def __call__(self) -> None:
        self._again = True
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def done(self) -> None:
        """Wait for the reload that runs, if one does."""
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        # A signal during a reload may be about a change that this one has not seen.
        while self._again:
            self._again = False
            await self._reloaded()

    async def _reloaded(self) -> None:
        try:
            # Engines may take long to load: the old ones go on answering meanwhile.
            pipelines = await asyncio.to_thread(lambda: _assembly(self._options).pipelines())
            for processor in pipelines.registry:
                await processor.start()
        except Exception:
            _log.exception("the configuration was not reloaded; the services are the old ones")
            return
        self._application.replace(Services(pipelines.registry, pipelines))
        _log.info("the services were reloaded; http settings and keys need a restart")


def _assembly(options: argparse.Namespace) -> Assembly:
    config: ServerConfig = read_config(options.config)
    inline = options.config.lstrip().startswith("{")
    folder = Path() if inline else Path(options.config).parent
    return Assembly(config, folder, allow_file_imports=options.allow_file_imports)


def _settings(http: HTTPConfig) -> ServerSettings:
    return ServerSettings(
        max_body_bytes=http.max_body_bytes,
        max_requests=http.max_requests,
        timeout_s=http.timeout_s,
        grace_s=http.grace_s,
        cors=http.cors,
        log_queries=http.log_queries,
    )


def _complain(text: str) -> None:
    sys.stderr.write(f"racto-serve: {text}\n")


def _keys(options: argparse.Namespace, http: HTTPConfig) -> list[str]:
    # RoutIR's variable counts too, so that its deployments stay closed as they are.
    named = [os.environ.get(name, "") for name in ("RACTO_API_KEY", "ROUTIR_API_KEY")]
    # A key that was meant and is empty is a mistake: dropped, it would open the server.
    return [*http.api_keys, *options.api_key, *filter(None, named)]


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _parser(*, checking: bool) -> argparse.ArgumentParser:
    name = "racto-serve check" if checking else "racto-serve"
    parser = argparse.ArgumentParser(
        prog=name,
        description="Check a configuration and say where it is wrong."
        if checking
        else "Serve retrieval engines over HTTP. 'racto-serve check CONFIG' only checks.",
    )
    parser.add_argument("config", help="a JSON, YAML or TOML file, or the JSON text itself")
    parser.add_argument(
        "--allow-file-imports",
        action="store_true",
        help="run the Python files that the configuration names",
    )
    if checking:
        return parser
    parser.add_argument("--host", help="address to listen at (default 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port (default 5000); 0 takes a free one")
    parser.add_argument(
        "--api-key", action="append", default=[], help="a key that callers must send; repeatable"
    )
    parser.add_argument(
        "--without-keys", action="store_true", help="let everybody in, whatever the address"
    )
    parser.add_argument("--quiet", action="store_true", help="no line for each request")
    return parser


if __name__ == "__main__":
    sys.exit(main())
