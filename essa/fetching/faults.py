"""What kept a server from delivering, in our words: what a library says may quote a password, a query or a person."""

from __future__ import annotations

import errno
import re
import ssl
from collections.abc import Iterator

from essa.errors import FeedError, Unanswered

SILENT = ("Timeout",)
GONE = (
    "ConnectionRefused", "ConnectionReset", "ConnectionAborted", "BrokenPipe", "EndpointConnectionError", "gaierror",
    "NoValidConnections", "ClientConnectorDNSError", "ClientConnectorError", "ServerDisconnected",
)  # fmt: skip
BROKEN_OFF = ("ClientPayloadError", "IncompleteRead", "ContentLengthError", "EOFError", "ResponseStreamingError")
REFUSED = ("AuthenticationException", "PermissionError", "NoCredentials", "ClientAuthenticationError",
           "PartialCredentials", "PasswordRequired", "RefreshError", "DefaultCredentialsError")  # fmt: skip
MISSING = ("FileNotFoundError", "ResourceNotFoundError", "NotADirectory", "NoSuchBucket", "NoSuchKey")
OTHER_SERVER = ("BadHostKey", "UnknownHostKey", "CertificateError", "CertificateVerif", "SSLCertVerification")
# HTTP's, then PostgreSQL's and ODBC's states, MySQL's numbers, SQLite's names
REFUSED_CODES = {"401", "403", "28P01", "28000", "42501", "1044", "1045", "1142", "1698"}
MISSING_CODES = {"404", "410", "3D000", "1049", "SQLITE_CANTOPEN"}
SILENT_CODES = {"57014", "HYT00", "HYT01", "3024", "SQLITE_INTERRUPT"}
QUERY_CODES = re.compile(r"42[A-Z0-9]{3}|22[A-Z0-9]{3}|25006|0A000|10(54|64)|1146|SQLITE_(ERROR|READONLY)")

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


def in_words(error: BaseException, whole: str) -> FeedError:
    """Why `whole`, as it may be shown, did not come; Unanswered where trying again may help."""
    chain = list(_chain(error))
    names = " ".join(kind.__name__ for one in chain for kind in type(one).__mro__)
    codes = {code for one in chain for code in _codes(one)}
    if isinstance(error, FeedError):
        return error
    if any(getattr(one, "errno", None) in NO_ROOM for one in chain):
        do = "make room where the home is, or give it another place"
        return FeedError(f"{whole}: this machine has no room for it", do=do)
    if any(isinstance(one, ssl.SSLCertVerificationError) for one in chain) or _has(names, OTHER_SERVER):
        because = "the server did not show the certificate or key it should have"
        do = "ask the provider whether it changed; a new one belongs into the system's certificates or `known_hosts:`"
        return FeedError(f"{whole}: is it the right server?", because=because, do=do)
    if _has(names, REFUSED) or codes & REFUSED_CODES:
        do = "see that the environment variables hold what the provider gave, and that it may read there"
        return FeedError(f"{whole}: the log-in was refused", do=do)
    if _has(names, MISSING) or codes & MISSING_CODES:
        return FeedError(f"{whole}: nothing is there", do="check the feed's place, or ask the provider")
    if any(QUERY_CODES.fullmatch(code) for code in codes):
        do = "run the query in a client of the database, and mend it"
        return FeedError(f"{whole}: the database does not take the query ({min(codes)})", do=do)
    again = "it is tried again; if it stays so, ask the provider, or see that this machine may reach the server"
    if _has(names, SILENT) or codes & SILENT_CODES:
        return Unanswered(f"{whole}: the server said nothing in time, or took longer than a file may", do=again)
    if _has(names, BROKEN_OFF):
        return Unanswered(f"{whole}: the server broke off in the middle", kept="nothing of it", do=again)
    if _has(names, GONE):
        return Unanswered(f"{whole}: the server could not be reached", do=again)
    told = ", ".join([type(error).__name__, *sorted(codes)])
    return Unanswered(f"{whole}: the server could not deliver it ({told})", do=again)


def _has(names: str, some: tuple[str, ...]) -> bool:
    return any(one in names for one in some)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: list[BaseException] = []
    while error is not None and error not in seen:
        seen.append(error)
        yield error
        original = getattr(error, "orig", None)  # as SQLAlchemy holds a driver's
        if isinstance(original, BaseException):
            yield from _chain(original)
        error = error.__cause__ or error.__context__


def _codes(error: BaseException) -> Iterator[str]:
    """Numbers and states that a protocol gives for what is wrong; they quote nothing."""
    status = getattr(error, "status", None) or getattr(error, "status_code", None)
    if isinstance(status, int):
        yield str(status)
    if name := getattr(error, "sqlite_errorname", None):
        yield str(name)
    response = getattr(error, "response", None)
    if isinstance(response, dict):
        yield str(response.get("ResponseMetadata", {}).get("HTTPStatusCode", ""))
    for said in getattr(error, "args", ())[:1]:
        if isinstance(said, dict) and re.fullmatch("[0-9A-Z]{5}", str(said.get("C", ""))):  # pg8000
            yield str(said["C"])
        elif isinstance(said, int) or (isinstance(said, str) and re.fullmatch("[0-9A-Z]{5}", said)):
            yield str(said)
