"""A connection to a database that reads and changes nothing, with an end to every silence."""

from __future__ import annotations

import contextlib
import inspect
import logging
import ssl
import time
from collections.abc import Iterator
from typing import Any

import sqlalchemy
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool

from essa.errors import FeedError
from essa.feed_place import LOOPBACK
from essa.fetching import servers
from essa.mistakes import shown_key
from essa.settings import Settings

DRIVERS = {"postgresql": "pg8000", "postgres": "pg8000", "mysql": "pymysql", "mariadb": "pymysql", "mssql": "pyodbc",
           "sqlite": "pysqlite"}  # fmt: skip
EXTRAS = {"postgres": "postgresql", "mariadb": "mysql"}
QUIET = "essa"  # a pool shows tracebacks, which quote what the server said, beside what is told of it anyway
logging.getLogger(f"sqlalchemy.pool.impl.NullPool.{QUIET}").setLevel(logging.CRITICAL + 1)
TLS = ("disable", "require", "verify-full")


@contextlib.contextmanager
def connected(address: str, settings: Settings) -> Iterator[Connection]:
    """A connection whose transaction is never committed."""
    url, arguments = _understood(address, settings)
    kind = url.get_backend_name()
    try:
        engine = sqlalchemy.create_engine(
            url, connect_args=arguments, poolclass=NullPool, pool_logging_name=QUIET, hide_parameters=True
        )
        _refuse_unknown(engine, url)
    except ImportError:
        raise servers.without(kind) from None
    with engine.connect() as connection:
        if kind == "postgresql":
            connection = connection.execution_options(postgresql_readonly=True)
        _prepare(connection, kind, settings)
        try:
            yield connection
        finally:
            _let_go(connection, kind)


def _refuse_unknown(engine: sqlalchemy.Engine, url: URL) -> None:
    """FeedError where the URL says what its driver has no word for; ODBC takes any, SQLite is asked none."""
    if engine.driver not in ("pg8000", "pymysql"):
        return
    taken = inspect.signature(engine.dialect.loaded_dbapi.connect).parameters
    if strange := sorted(shown_key(name) for name in url.query if name not in taken):
        raise FeedError(
            f"its `database:` says what the driver does not take; unknown: {', '.join(strange)}",
            do="leave it out of the URL; how long a server may be silent is `source_silence_s_max` in settings.yaml",
        )


def _let_go(connection: Connection, kind: str) -> None:
    """Ends the connection, and with it the transaction; rows that nobody read stay where they are."""
    if kind == "mysql":
        with contextlib.suppress(Exception):  # PyMySQL would read all of them first
            connection.connection.driver_connection._result.unbuffered_active = False
    connection.invalidate()


def _understood(address: str, settings: Settings) -> tuple[URL, dict[str, Any]]:
    """The URL for SQLAlchemy, and what its driver is told besides."""
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        url = URL.create("unknown")
    kind = url.drivername.partition("+")[0]
    if kind not in DRIVERS or (kind == "sqlite" and not url.database):
        raise FeedError(
            "its `database:` is not a URL that is known",
            do="begin it with postgresql://, mysql:// or mssql://, then user:password, an @, host:port and /name;"
            " or write sqlite:/// and a path",
        )
    query = dict(url.query)
    wanted, root = query.pop("sslmode", None), query.pop("sslrootcert", None)
    if kind == "sqlite":
        return URL.create("sqlite", database=f"file:{url.database}", query={"mode": "ro", "uri": "true"}), {
            "timeout": 30
        }
    url = url.set(drivername=f"{EXTRAS.get(kind, kind)}+{DRIVERS[kind]}", query=query)
    silence_s = settings.source_silence_s_max
    if kind == "mssql":
        if "driver" not in query:
            url = url.update_query_dict({"driver": "ODBC Driver 18 for SQL Server"})
        return url, {"timeout": min(servers.CONNECT_S, silence_s)}
    secured = _tls(str(wanted) if wanted else None, str(root) if root else None, url.host)
    if DRIVERS[kind] == "pg8000":
        return url, {"timeout": silence_s, "ssl_context": secured}
    limits = {
        "connect_timeout": min(servers.CONNECT_S, silence_s),
        "read_timeout": silence_s,
        "write_timeout": silence_s,
    }
    return url, {**limits, **({"ssl": secured} if secured else {"ssl_disabled": True})}


def _tls(wanted: str | None, root: str | None, host: str | None) -> ssl.SSLContext | None:
    """By `sslmode` as PostgreSQL has it; without it a server elsewhere must show a certificate that is trusted."""
    wanted = wanted or ("disable" if host in (None, *LOOPBACK) else "verify-full")
    if wanted not in TLS:
        raise FeedError("its `database:` has an sslmode that is not known", do=f"write one of {', '.join(TLS)}")
    if wanted == "disable":
        return None
    context = ssl.create_default_context(cafile=root)
    if wanted == "require":
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _prepare(connection: Connection, kind: str, settings: Settings) -> None:
    whole_s = settings.source_whole_s_max
    if kind == "postgresql":
        connection.exec_driver_sql(f"SET statement_timeout = {whole_s * 1000}")
        connection.exec_driver_sql("SET TIME ZONE 'UTC'")
    elif kind == "mysql":
        connection.exec_driver_sql("SET time_zone = '+00:00'")
        connection.exec_driver_sql("SET SESSION TRANSACTION READ ONLY")
        connection.rollback()
    elif kind == "mssql":
        connection.connection.driver_connection.timeout = settings.source_silence_s_max
    else:
        ends_at, raw = time.monotonic() + whole_s, connection.connection.driver_connection
        raw.set_progress_handler(lambda: time.monotonic() > ends_at, 100_000)
        raw.text_factory = lambda held: held.decode("utf-8", "replace")
