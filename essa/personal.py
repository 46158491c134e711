"""What an e-mail address, a bank account, a card and a phone number look like, and the checksums that tell them.

RE2 has no look-behind, so a pattern that must not start inside a word or number takes what stands before it as group 1.
Spaces and hyphens of typesetters part the groups of a number like any other.
"""

from __future__ import annotations

import re
from collections.abc import Callable

START = r"(^[.,:]?|[^A-Za-z0-9.,:-]|[^0-9][.,:])"
PHONE_WORD = r"(?:^|[^A-Za-z])(?i:tel|telefon|telephone|phone|fon|fax|mobil|mobile|mob|cell|handy|call|whatsapp)"
AFTER_WORD = f"({START[1:-1]}|{PHONE_WORD})"  # `Tel0171 2345678`
THIN = "\u00a0\u1680\u2000-\u200a\u202f\u205f"  # inside brackets of a pattern
HYPHENS = "\u2011\u2013-"
GAP = f"[ .{THIN}{HYPHENS}]"
WIDE_GAP = f"[ ./{THIN}{HYPHENS}]"
IN_ADDRESS = r"[^\s\x1f@<>(){}=,;:\"\[\]" + THIN + "]+"
PART_OF_ADDRESS = IN_ADDRESS[:-1] + "{1,64}"  # as mail allows; without an end Python's look takes hours
DISGUISED_AT = r"(?:%(?:25)?40|&#64;|&commat;|\\u0040| ?@ ?| ?[\[(](?i:at)[\])] ?)"
DISGUISED_DOT = r"(?:\.| ?[\[(](?i:dot)[\])] ?)"
AFTER_NAME = r"(?i:[ .]{0,2}(?:no|nr|num|number|nummer|code)\b)?[\"']?[ .:#=]{1,3}[\"']?"  # of an account: `acct no. 1`
ACCOUNT_WORD = r"(?:^|[^A-Za-z])(?i:accounts?|acct|acc|a/c|konto|kontonummer|blz|sort[ -]?code|routing)"
LOCAL_ACCOUNT = (  # plain, `20-32-06 55779911`, `370 400 44`, `1234 5678 9012`
    r"(?:[0-9]{2}[ -][0-9]{2}[ -][0-9]{2}(?: [0-9]{6,10})?|[0-9]{4}(?:[ -][0-9]{4}){1,3}"
    r"|[0-9]{3}(?:[ -][0-9]{2,3}){2,4}|[0-9]{6,17})\b"
)

ACCOUNT_LENGTHS = {
    15: "NO", 16: "BE", 18: "DK FI FO GL NL", 19: "MK SI", 20: "AT BA EE KZ LT LU XK", 21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA", 23: "AE GI IL IQ TL", 24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "LY PT ST", 26: "IS TR", 27: "BI FR GR IT MC MR SM", 28: "AL AZ BY CY DO GT HU LB PL SV",
    29: "BR EG PS QA UA", 30: "JO KW MU", 31: "MT SC", 32: "LC", 33: "RU",
}  # fmt: skip
ACCOUNT_LENGTH = {country: length for length, countries in ACCOUNT_LENGTHS.items() for country in countries.split()}
COUNTRY = f"(?:{'|'.join(sorted(ACCOUNT_LENGTH))})"

# kind, pattern, replacement; tried in this order.
KINDS = (
    ("e-mail", f"{IN_ADDRESS}@{IN_ADDRESS}", r"[e-mail]"),
    ("e-mail", rf"{IN_ADDRESS}{DISGUISED_AT}{IN_ADDRESS}{DISGUISED_DOT}[A-Za-z]{{2,}}", r"[e-mail]"),
    (  # in groups it is one even where a digit is wrong; what stands without gaps must pass its checksum
        "account",
        rf"(^|[^A-Za-z0-9]){COUNTRY}[0-9]{{2}}(?:[ {THIN}-][A-Z0-9]{{4}}){{2,7}}[ {THIN}-][A-Z0-9]{{1,4}}\b",
        r"\1[account]",
    ),
    ("account", rf"({ACCOUNT_WORD}{AFTER_NAME}){LOCAL_ACCOUNT}", r"\1[account]"),
    ("card", rf"{START}(?:[0-9][ {THIN}{HYPHENS}]?){{12,18}}[0-9]\b", r"\1[card]"),
    ("phone", rf"(^|[^0-9])\+[1-9](?:[ .()/{THIN}{HYPHENS}]{{0,3}}[0-9]){{7,13}}\b", r"\1[phone]"),
    ("phone", rf"((?:^|[^A-Za-z])[xX])00[1-9](?:[ .()/{THIN}{HYPHENS}]{{0,3}}[0-9]){{7,13}}\b", r"\1[phone]"),
    (
        "phone",
        rf"{AFTER_WORD}(?:"
        rf"00[1-9](?:[ .()/{THIN}{HYPHENS}]{{0,3}}[0-9]){{7,13}}"  # international
        rf"|(?:1{GAP}?)?\(0?[0-9]{{2,5}}\){GAP}?[0-9]{{3,4}}{GAP}?[0-9]{{3,4}}"  # (area) number
        rf"|0[0-9]{{1,4}}{WIDE_GAP}{{1,3}}[0-9]{{3,4}}{GAP}?[0-9]{{3,5}}"  # area with its leading zero
        rf"|0[0-9](?:{GAP}[0-9]{{2}}){{4}}|0[1-9][0-9]{{1,3}}(?:{WIDE_GAP}{{1,3}}[0-9]{{2,4}}){{2,4}}"
        rf"|(?:1{GAP})?[0-9]{{3}}{GAP}[0-9]{{3}}{GAP}[0-9]{{3,4}}|[0-9]{{5}} [0-9]{{5,6}}"  # grouped
        rf"|[0-9]{{2}} [0-9]{{3}} [0-9]{{2}} [0-9]{{2}}"
        r")(?: ?(?:x|ext\.?) ?[0-9]{1,5})?\b",
        r"\1[phone]",
    ),
    ("phone", rf"({PHONE_WORD}{AFTER_NAME})(?:[0-9]{{3}}[ -][0-9]{{4}}|[0-9]{{6,17}})\b", r"\1[phone]"),
)
# National ids are taken out between these: a card in groups holds what may be one, and they what may be a phone.
BEFORE_IDS = tuple(kind for kind in KINDS if kind[0] != "phone")
AFTER_IDS = tuple(kind for kind in KINDS if kind[0] == "phone")
IN_TEXT = ("phone", rf"{AFTER_WORD}[0-9]{{10,12}}\b", r"\1[phone]")  # bare digits; in an id they are the id

# Cards and bank accounts in whatever other letters or digits touch: a shape that may be one, and a checksum that
# says so.
PARTED = ",:;|*\\\\\t\r\n\u00b7"
CARD_GAP = rf"[ ./_{PARTED}{THIN}{HYPHENS}]{{1,3}}"
CARD_IN_GROUPS = (
    rf"[2-6][0-9]{{3}}(?:{CARD_GAP}[0-9]{{4}}){{3}}|3[47][0-9]{{2}}{CARD_GAP}[0-9]{{6}}{CARD_GAP}[0-9]{{5}}"
    rf"|3[0689][0-9]{{2}}{CARD_GAP}[0-9]{{6}}{CARD_GAP}[0-9]{{4}}"
)
CARD_SHAPE = (  # of what an issuer may have numbered
    rf"[2-6][0-9]{{3}}{CARD_GAP}[0-9]{{4,6}}{CARD_GAP}[0-9]{{4}}"
    r"|(?:4[0-9]|5[1-5]|2[2-7]|35|6[0245])[0-9]{14}|3[47][0-9]{13}|3[0689][0-9]{12}"
)
LONG_DIGITS = "[0-9]{14,}"
SHORTEST = 14  # marks: digits of the shortest card; an account has 15 at least
TWO_DIGITS = re.compile("[0-9]{2}")  # side by side in every card and account
CARD_NUMBER = (  # as the issuers number them: Visa, Mastercard, American Express and Diners, JCB, the others
    r"4[0-9]{15}(?:[0-9]{3})?|(?:5[1-5][0-9]{2}|222[1-9]|22[3-9][0-9]|2[3-6][0-9]{2}|27[01][0-9]|2720)[0-9]{12}"
    r"|3[47][0-9]{13}|3(?:0[0-5]|[689][0-9])[0-9]{11}|35[0-9]{14}|(?:6011|62[0-9]{2}|64[4-9][0-9]|65[0-9]{2})[0-9]{12}"
)
ACCOUNT_GAP = rf"[ ./_{PARTED}{THIN}{HYPHENS}]"
ACCOUNT_HEAD = f"(?i:{COUNTRY})[0-9]{{2}}"
ACCOUNT = f"{ACCOUNT_HEAD}(?:{ACCOUNT_GAP}{{0,2}}[A-Za-z0-9]){{11,29}}"  # as long as the longest; its country says
# What every line is looked through for: a pattern of more branches takes RE2 many times as long.
MAYBE_CARD = rf"[0-9]{{14}}|[0-9]{{4}}{CARD_GAP}[0-9]{{4,6}}{CARD_GAP}[0-9]{{4}}"
MAYBE_ACCOUNT = (
    rf"{ACCOUNT_HEAD}(?:[A-Za-z0-9]{{11}}|{ACCOUNT_GAP}{{1,2}}[A-Za-z0-9]{{4}}{ACCOUNT_GAP}{{1,2}}[A-Za-z0-9]{{4}})"
)
# Digits of other scripts, and the letters and signs that are as wide as a Chinese one.
DIGITS_FROM = (0x0660, 0x06F0, 0x0966, 0x09E6, 0xFF10, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6)
PLAIN = {chr(first + digit): str(digit) for first in DIGITS_FROM for digit in range(10)}
PLAIN |= {chr(0xFF00 + sign): chr(0x20 + sign) for sign in range(1, 95)} | {"\u3000": " "}
UNSEEN = "\u00ad\u200b\u200c\u200d\u2060\ufeff"  # blanks of no width and soft hyphens
DISGUISES = {ord(mark): plain for mark, plain in PLAIN.items()} | dict.fromkeys(map(ord, UNSEEN))
WIDE = "[" + "".join(f"{chr(first)}-{chr(first + 9)}" for first in DIGITS_FROM) + "]{2}|\uff20"


def redacted(text: str, remove_ids: Callable[[str], str]) -> str:
    """`text` with personal numbers and addresses replaced by their kind; `remove_ids` does so with national ids."""
    if re.search(f"{WIDE}|[{UNSEEN}]", text) is None:
        return _cleaned(text, remove_ids)
    plain = text.translate(DISGUISES)
    clean = _cleaned(plain, remove_ids)
    return text if clean == plain else clean


def _cleaned(text: str, remove_ids: Callable[[str], str]) -> str:
    text = unglued(text)
    for _, pattern, replacement in BEFORE_IDS:
        text = re.sub(pattern.replace(IN_ADDRESS, PART_OF_ADDRESS), replacement, text, flags=re.ASCII)
    text = remove_ids(text)
    for _, pattern, replacement in (*AFTER_IDS, IN_TEXT):
        text = re.sub(pattern, replacement, text, flags=re.ASCII)  # as RE2 has it: an é ends a number
    return text


def unglued(text: str) -> str:
    """`text` without the cards and accounts that other letters or digits may touch, by their checksums."""
    if len(text) < SHORTEST or not TWO_DIGITS.search(text):
        return text
    for part in filter(is_account, map(_as_long_as_its_country_has, _beginning_anywhere(ACCOUNT, text))):
        text = text.replace(part, "[account]")
    for part in filter(is_card, [*re.findall(LONG_DIGITS, text), *_beginning_anywhere(CARD_IN_GROUPS, text)]):
        text = text.replace(part, "[card]")
    return text


def _beginning_anywhere(pattern: str, text: str) -> dict[str, None]:
    """What fits, from each place on where it may begin: a false start hides no true one."""
    return dict.fromkeys(found[1] for found in re.finditer(f"(?=({pattern}))", text))


def _as_long_as_its_country_has(text: str) -> str:
    ends = [match.end() for match in re.finditer("[A-Za-z0-9]", text)]
    length = ACCOUNT_LENGTH[text[:2].upper()]
    return text[: ends[length - 1]] if len(ends) >= length else ""


def is_card(text: str) -> bool:
    digits = re.sub("[^0-9]", "", text)
    doubled = [sum(divmod(int(digit) * (1 + place % 2), 10)) for place, digit in enumerate(reversed(digits))]
    return re.fullmatch(CARD_NUMBER, digits) is not None and sum(doubled) % 10 == 0


def is_account(text: str) -> bool:
    number = re.sub("[^A-Z0-9]", "", text.upper())
    return bool(number) and int("".join(str(int(mark, 36)) for mark in number[4:] + number[:4])) % 97 == 1
