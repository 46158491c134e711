"""Whether a number in a label means something: how much, how long, which rule; such numbers are never taken off."""

from __future__ import annotations

import re

from essa.naming.words import listed, plain


def is_meant(code: re.Match) -> bool:
    """Whether a number is an amount or the name of a rule: "over 250000", "EUR 125000", "ISO 27001", "MT-940"."""
    before, number, after = code.string[: code.start()], code[0], code.string[code.end() :]
    around = re.findall(r"[^\W\d_]+$", before.rstrip(" -")) + re.findall(r"^[A-Z]+", number)
    is_rule = any(_small(word) in listed("pollution", "standards") for word in around)
    behind = re.findall(r"^[^\W\d_]+", after.lstrip())
    has_unit = any(_small(word) in listed("pollution", "units") for word in around + behind)
    has_unit |= any(_small(word) in listed("pollution", "measures") for word in behind)
    has_sign = any(sign in "<>=≤≥$€£¥%" for sign in before.rstrip()[-1:] + after.lstrip()[:1])
    is_round = number.isdigit() and len(number) < 10 and number.endswith("000")
    return is_rule or has_unit or has_sign or is_round or _is_range(number)


def _is_range(number: str) -> bool:
    """ "Approve 50000-100000" says how much; the first number of a register is a year or has zeros in front."""
    low, _, high = number.partition("-")
    is_plain = low.isdigit() and high.isdigit() and not low.startswith("00") and not high.startswith("0")
    return is_plain and int(low) < int(high) and not re.fullmatch(r"(?:19|20)\d\d", low)


def digit_count(text: str) -> int:
    return sum(map(str.isdigit, text))


def _small(word: str) -> str:
    return plain(word).casefold()
