"""The file system behind a URL, with its options filled in from the environment and an end to every silence."""

from __future__ import annotations

import base64
import contextlib
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from essa.errors import FeedError
from essa.feed_place import scheme
from essa.settings import Settings

CONNECT_S = 30  # a server that is there answers a call at once
# What they say of their work names whole URLs, and is told in our words where it matters.
for _name in ("adlfs", "aiobotocore", "azure", "botocore", "fsspec", "gcsfs", "google", "paramiko", "s3fs", "urllib3"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)


def without(extra: str) -> FeedError:
    """What to say where the libraries of an extra are not installed."""
    return FeedError(
        f"{extra}:// needs libraries that are not installed",
        do=f"type: pip install 'essa[{extra}]'   (with the pip beside essa, .venv/bin/pip after `make`)",
    )


@contextlib.contextmanager
def connected(url: str, options: Mapping[str, Any], settings: Settings) -> Iterator[Any]:
    """An fsspec file system that is gone afterwards, its secrets with it; no instance is shared or kept."""
    kind = scheme(url)
    try:
        server = OPENERS[kind](url, dict(options), settings)
    except ImportError:
        raise without(kind) from None
    try:
        yield server
    finally:
        with contextlib.suppress(Exception):
            if kind == "sftp":
                server.client.close()


def path_of(url: str) -> str:
    """The path or pattern as its file system wants it."""
    parts = urlsplit(url)
    if scheme(url) == "https":
        host = parts.netloc.rpartition("@")[2]
        return f"{parts.scheme}://{host}{parts.path}" + (f"?{parts.query}" if parts.query else "")
    if scheme(url) == "sftp":
        return parts.path
    return f"{parts.netloc.rpartition('@')[2]}{parts.path}"


def _user(url: str, options: Mapping[str, Any]) -> tuple[str | None, str | None]:
    parts = urlsplit(url)
    name = options.get("username") or (unquote(parts.username) if parts.username else None)
    word = options.get("password") or (unquote(parts.password) if parts.password else None)
    return name, word


def _https(url: str, options: dict[str, Any], settings: Settings) -> Any:
    import aiohttp
    from fsspec.implementations.http import HTTPFileSystem

    silence_s = settings.source_silence_s_max
    client: dict[str, Any] = {
        "timeout": aiohttp.ClientTimeout(
            total=settings.source_whole_s_max, sock_connect=min(CONNECT_S, silence_s), sock_read=silence_s
        ),
        "trust_env": True,  # a company's proxy
    }
    name, word = _user(url, options)
    if name:
        client["headers"] = {"Authorization": "Basic " + base64.b64encode(f"{name}:{word or ''}".encode()).decode()}
    if token := options.get("token"):
        client["headers"] = {"Authorization": f"Bearer {token}"}
    return HTTPFileSystem(client_kwargs=client, simple_links=False, use_listings_cache=False, skip_instance_cache=True)


def _s3(url: str, options: dict[str, Any], settings: Settings) -> Any:
    from s3fs import S3FileSystem

    region = {"region_name": options.pop("region")} if "region" in options else {}
    silence_s = settings.source_silence_s_max
    server = S3FileSystem(
        **options,
        client_kwargs=region,
        config_kwargs={
            "connect_timeout": min(CONNECT_S, silence_s),
            "read_timeout": silence_s,
            "retries": {"max_attempts": 1},
        },
        use_listings_cache=False,
        skip_instance_cache=True,
    )
    server.retries = 1  # trying again is the task's part
    return server


def _sftp(url: str, options: dict[str, Any], settings: Settings) -> Any:
    """Only servers whose key is known are talked to."""
    import paramiko
    from fsspec.implementations.sftp import SFTPFileSystem

    silence_s = settings.source_silence_s_max
    known_hosts = os.path.expanduser(options.get("known_hosts") or "~/.ssh/known_hosts")

    class KnownServer(SFTPFileSystem):
        def _connect(self) -> None:
            self.client = paramiko.SSHClient()
            if os.path.exists(known_hosts):
                self.client.load_host_keys(known_hosts)
            self.client.set_missing_host_key_policy(RefuseUnknown())
            try:
                self.client.connect(self.host, **self.ssh_kwargs)
                self.ftp = self.client.open_sftp()
                self.ftp.get_channel().settimeout(silence_s)
            except BaseException:
                self.client.close()
                raise

    class RefuseUnknown(paramiko.MissingHostKeyPolicy):
        def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:
            raise FeedError(
                "the key of the SFTP server is not known",
                because="who answers in its place could read the log-in and make up the files",
                do="ask the provider for its key and compare it with what `ssh-keyscan` shows; add that line to\n"
                "~/.ssh/known_hosts, or to the file that `options: {known_hosts: FILE}` names",
            )

    parts = urlsplit(url)
    name, word = _user(url, options)
    key_file = options.get("key_file")
    return KnownServer(
        parts.hostname,
        port=parts.port or 22,
        username=name,
        password=word,
        key_filename=os.path.expanduser(key_file) if key_file else None,
        passphrase=options.get("passphrase"),
        look_for_keys=not word and not key_file,
        allow_agent=not word and not key_file,
        timeout=min(CONNECT_S, silence_s),
        banner_timeout=min(CONNECT_S, silence_s),
        auth_timeout=min(CONNECT_S, silence_s),
        channel_timeout=silence_s,
        skip_instance_cache=True,
    )


def _gs(url: str, options: dict[str, Any], settings: Settings) -> Any:
    from gcsfs import GCSFileSystem

    if options.pop("anon", False):
        options["token"] = "anon"
    return GCSFileSystem(
        **options, timeout=settings.source_silence_s_max, use_listings_cache=False, skip_instance_cache=True
    )


def _az(url: str, options: dict[str, Any], settings: Settings) -> Any:
    from adlfs import AzureBlobFileSystem

    silence_s = settings.source_silence_s_max
    return AzureBlobFileSystem(
        **options,
        connection_timeout=min(CONNECT_S, silence_s),
        read_timeout=silence_s,
        use_listings_cache=False,
        skip_instance_cache=True,
    )


OPENERS: dict[str, Callable[[str, dict[str, Any], Settings], Any]] = {
    "https": _https, "s3": _s3, "sftp": _sftp, "gs": _gs, "az": _az,
}  # fmt: skip
