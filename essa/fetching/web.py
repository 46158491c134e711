"""One file over HTTPS, whole or not at all, and what tells it from an earlier one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fsspec.asyn import sync

from essa.errors import FeedError
from essa.feed_place import LOOPBACK

AS_IT_IS = {"Accept-Encoding": "identity"}
CHUNK_BYTES = 1 << 20


def look(server: Any, url: str, whole_s: int) -> dict[str, Any]:
    """What the server says of a file without sending it; nothing where it does not answer such questions."""
    return sync(server.loop, _look, server, url, timeout=whole_s)


def download(server: Any, url: str, target: Path, whole_s: int) -> dict[str, Any]:
    """Writes a file to `target`; what the server said of it."""
    return sync(server.loop, _download, server, url, target, timeout=whole_s)


async def _look(server: Any, url: str) -> dict[str, Any]:
    session = await server.set_session()
    async with session.head(server.encode_url(url), headers=AS_IT_IS, allow_redirects=True) as answer:
        return dict(_said(answer)) if answer.status == 200 else {}


async def _download(server: Any, url: str, target: Path) -> dict[str, Any]:
    session = await server.set_session()
    async with session.get(server.encode_url(url), headers=AS_IT_IS) as answer:
        answer.raise_for_status()
        if answer.url.scheme == "http" and answer.url.host not in LOOPBACK:
            raise FeedError("the server sends on to an address whose answers can be read and changed on the way",
                            do="ask the provider for the https:// address of the file")  # fmt: skip
        if answer.content_length is None and answer.headers.get("Transfer-Encoding", "").lower() != "chunked":
            raise FeedError("the server does not say how long the file is",
                            because="a file that was cut off could not be told from a whole one",
                            do="ask the provider to have its server send Content-Length")  # fmt: skip
        with target.open("wb") as file:
            async for chunk in answer.content.iter_chunked(CHUNK_BYTES):
                file.write(chunk)
        return dict(_said(answer))


def _said(answer: Any) -> dict[str, Any]:
    encoded = answer.headers.get("Content-Encoding", "identity") not in ("", "identity")
    return {
        "size": None if encoded else answer.content_length,
        "ETag": answer.headers.get("ETag"),
        "Last-Modified": answer.headers.get("Last-Modified"),
    }
