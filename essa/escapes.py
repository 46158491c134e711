"""Texts as they read once the escapes of JSON, HTML and addresses are undone, which hide what stands in them.

`call\\n0171 2345678` shows no number that stands alone, `Bj&ouml;rn` and `Bj\\u00f6rn` no name. A value in parts is
kept as JSON, and senders export what they hold as JSON or HTML.
"""

from __future__ import annotations

import html
import re
from urllib.parse import unquote

SIGNS = "\\&%"  # one of them begins each
OF_JSON = r"\\(?:u[0-9A-Fa-f]{4}|[bfnrt])"
OF_HTML = "&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});"
OF_ADDRESSES = "%[0-9A-Fa-f]{2}"
ESCAPED = f"{OF_JSON}|{OF_HTML}|{OF_ADDRESSES}"


def undone(text: str) -> str:
    """The text without its escapes, and without blanks at its ends."""
    text = re.sub(OF_JSON, lambda found: chr(int(found[0][2:], 16)) if len(found[0]) > 2 else " ", text)
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # JSON writes a sign as two halves
    return unquote(html.unescape(text)).strip()
