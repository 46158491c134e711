"""Each label without what is no part of a name: dates, ticket numbers, addresses, teams, random marks.

Some shapes are never a name's; others come off only where the log shows it, by many such labels or by the bare one.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping

from essa.naming.amounts import digit_count, is_meant
from essa.naming.holes import ALONE, HOLE, Here, tidy
from essa.naming.remarks import DIGIT_COUNT, families
from essa.naming.words import Words, case_words, listed, plain

DIGITS = re.compile(r"\d.*\d")  # in any number or mark that may come off
# In any date, long number or address; a number that an analyst tells of may be short.
SURE_SIGN = re.compile(r"[@\[]|\d{4}|:\d\d:|-[0-9a-fA-F]{4}-")
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\[(?:e-mail|account|card|phone|person)\]")
CLOCK = r"\d\d?:\d\d:\d\d(?:[.,]\d+)?"
DAY = r"(?:(?:19|20)\d\d-\d\d-\d\d|\d\d?(?P<dash>[./-])\d\d?(?P=dash)(?:19|20)\d\d)"
MOMENT = re.compile(
    rf"(?<![\w.]){DAY}(?:[T ]+(?:{CLOCK}|\d\d?:\d\d))?(?:Z|[+-]\d\d:?\d\d)?(?!\w)|(?<![\w:]){CLOCK}(?![\w:])"
    r"|(?<![\w-])[A-Z]{3}[UJZ] ?\d{6}-?\d(?![\w-])"  # a container's
    r"|\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b|#\d{5,}\b(?:[/-]\d+)*"
)
LONG_NUMBER = re.compile(r"(?<![\w.,])(?:#?\d+[/-])*\d{6,}(?:[/-]\d+)*(?!\w|[.,]\d)")
REFERENCE = re.compile(r"(?<![A-Za-z0-9/-])([A-Z]{2,5})(?:-?\d{5,}| \d{6,})(?![A-Za-z0-9/-])")
# The same with a blank between, as "LH 1100" beside "LH1100": only where others or the bare label show it.
SPACED = re.compile(r"(?<![A-Za-z0-9/-])([A-Z]{2,5}) (\d{4,5})(?![\w/-]|[.,]\d)")
# Of a register: "2026-00417", "EXP/2026/0411", "1100.26.2", and a court's "12 O 345/26".
JOINED = re.compile(
    r"(?<![\w.,/-])(?:\d{1,4} [A-Z][A-Za-z]{0,2} |(?:[A-Z]{1,5}|[A-Z][a-z])[/-])?"
    r"(?:#?\d+(?:[/-][A-Z]{1,3})?(?:[/-]\d+)+|\d+\.\d+(?:\.\d+)+(?:[/-]\d+)*)(?![\w/-]|[.,]\d)"
)
CODE = re.compile(
    r"(?<![A-Za-z0-9-])([A-Z]{1,5})-\d{2,}(?![A-Za-z0-9-])|#\d{3,4}\b|(?<![\w.,/-])\d{5}(?![\w/-]|[.,]\d)"
    r"|(?<![\w:])\d\d?:\d\d(?![\w:])"
)
# Anything with several digits and a letter or sign among them: "4:26-cv-01100", "F.1100/2026"; no amount, no "AB-1450".
MIXED = re.compile(
    r"(?<![^\s(\[{<])(?!(?:[A-Z]{1,5}-)?\d+(?:[.,]\d+)*(?![^\s)\]}>]))"
    r"(?=[^\s()\[\]{}<>]*[^\W\d_]|[^\s()\[\]{}<>]*[/:.-])[^\s()\[\]{}<>]*\d[^\s()\[\]{}<>]*"
)
CHUNK = re.compile(r"(?<![A-Za-z0-9])(?=\d*[A-Za-z])(?=(?:[A-Za-z]*\d){2})[A-Za-z0-9]{5,}(?![A-Za-z0-9])")
TEAM = re.compile(r"^(.*\S)(?:\s[-\u2013\u2014]\s|_|:\s|\s*[(\[])([A-Za-z]+)[ .]*(?:\d{1,4}|[A-Z])\s*[)\]]?$")
TAIL_SIGN = re.compile(r"[-\u2013\u2014_:(\[]")  # before a team
# Of whatever shape: "17", "2026/0411", "EXP-12/B"; no "2nd".
TOLD_NUMBER = r"(?:(?<=[\s#.:])[A-Z]{1,5}(?:[/-](?=\d)|(?=\d{3})))?\d[\dA-Z]*(?:[./-]\w+)*(?!\w)"
RARE_EVENT_COUNT = 2  # a ticket's number comes with one case, a form's number with many
CODE_COUNT = 10  # different codes after the same words: more than a set of forms would have
LONG_CODE_DIGITS = 4  # of a code; a form's number has fewer
JOINED_DIGIT_COUNT = 5  # shorter ones may be halves, doses or wards
JOINED_EVENT_COUNT = 5  # of one case; a strength, a size or a rule comes with many
SURE_DIGIT_COUNT = 8  # with so many one label beside the bare one is enough
RANDOM_CHUNK_COUNT = 3  # of those beyond doubt random


def without_pollution(counts: Mapping[str, int], own_values: Collection[str], words: Words) -> dict[str, str]:
    """Each text and what of it is the step's name, found anew until nothing more comes off."""
    own = {value.casefold() for value in own_values if _identifies(value)}
    cases, told = (
        "|".join(sorted(map(re.escape, some))) for some in (words.before_reference, words.told_before_reference)
    )
    bare = {text: text for text in counts}
    while True:
        texts: Counter[str] = Counter()
        for text, rest in bare.items():
            texts[rest] += counts[text]
        here = Here({text.casefold() for text in texts}, own, cases, told)
        telling = texts if here.own or here.told_cases else filter(SURE_SIGN.search, texts)
        shorter = dict(zip(texts, texts, strict=True)) | {text: _without_certain(text, here) for text in telling}
        shorter |= _without_remarks(texts, here)
        if all(text == rest for text, rest in shorter.items()):
            shorter |= _without_codes(texts, here) | _without_chunks(texts, here) | _without_joined(texts, here)
            shorter |= _without_team(texts, here, words.organisation)
        if all(text == rest for text, rest in shorter.items()):
            return bare
        bare = {text: shorter[rest] for text, rest in bare.items()}


def _identifies(value: str) -> bool:
    """Whether a case id could be nothing else: "17" and "A1" may be a level or a form."""
    return digit_count(value) >= (5 if value.isdigit() else 3)


def _without_certain(text: str, here: Here) -> str:
    """Without what never belongs to a name: moments, addresses, long numbers, references, a case id at the end."""
    for separator in re.finditer(r"[\s\-_:/(\[#]+", text if here.own else ""):
        if text[separator.end() :].rstrip(")] ").casefold() in here.own:
            return tidy(text[: separator.end()] + HOLE + text[len(text.rstrip(")] ")) :], text, here)
    if not (here.told_cases or SURE_SIGN.search(text)):
        return text
    holed = _without_told(ADDRESS.sub(HOLE, text).replace("_", " "), here)
    holed = MOMENT.sub(HOLE, holed)
    for take_off in (_whole, _all_but_prefix):
        rest = tidy(LONG_NUMBER.sub(_whole, REFERENCE.sub(take_off, holed)), text, here)
        if rest != text and rest.casefold() in here.known:
            break
    joined = SPACED.sub(r"\1\2", holed) if rest == text else holed
    spaced = tidy(REFERENCE.sub(_whole, joined), text, here) if joined != holed else text
    return spaced if spaced != text and spaced.casefold() in here.known else rest


def _without_told(text: str, here: Here) -> str:
    """However short a number is and however few there are: an analyst says that it is no part of a name."""

    def take_off(code: re.Match) -> str:
        after = re.match(r"\s*([^\W\d_]+|%)", text[code.end() :])
        is_amount = after and plain(after[1]).casefold() in {"%", *listed("pollution", "units")}
        return code[0] if is_amount else code[1] + HOLE

    announced = rf"(?<!\w)((?i:{here.told_cases})[.:]?[\s#]*){TOLD_NUMBER}"
    return re.sub(announced, take_off, text) if here.told_cases else text


def _all_but_prefix(code: re.Match) -> str:
    """INC0012345 goes whole, of PO-450012 the PO stays."""
    goes_too = not code[1] or code[1].casefold() in listed("pollution", "reference_prefixes")
    return _whole(code) if goes_too or is_meant(code) else f"{code[1]} {HOLE}"


def _whole(code: re.Match) -> str:
    return code[0] if is_meant(code) else HOLE


def _families(
    texts: Mapping[str, int], take_off: Callable[[str], str], sign: re.Pattern = DIGITS
) -> list[dict[str, str]]:
    """Texts that leave the same rest, each with that rest; those from which nothing comes off are not among them."""
    families: dict[str, dict[str, str]] = defaultdict(dict)
    for text in filter(sign.search, texts):
        if (rest := take_off(text)) != text:
            families[rest.casefold()][text] = rest
    return list(families.values())


def _without_codes(texts: Mapping[str, int], here: Here) -> dict[str, str]:
    """Numbers that could name a form ("I-129") or a time: only where many different ones come once or twice each."""
    shorter: dict[str, str] = {}
    for family in _families(texts, lambda text: _without_code(text, here)):
        if len(_rare(family, texts)) >= CODE_COUNT:
            shorter |= family
    return shorter


def _without_code(text: str, here: Here) -> str:
    """The letters before a number stay, but where there is a label without them."""
    spaced = text.replace("_", " ")
    whole = tidy(CODE.sub(_whole, spaced), text, here)
    return whole if whole.casefold() in here.known else tidy(CODE.sub(_all_but_prefix, spaced), text, here)


def with_few_remarks(texts: Mapping[str, int]) -> list[list[str]]:
    """Texts of few events that are another text and a remark with a number, and that other one last."""
    by_small = {text.casefold(): text for text in sorted(texts, reverse=True)}
    found = []
    for family in families(texts, by_small, is_sure=False):
        rare = _rare(family, texts)
        if len(rare) >= CODE_COUNT or any(
            digit_count(text) - digit_count(family[text]) >= DIGIT_COUNT for text in rare
        ):
            found.append([*rare, by_small[min(family.values()).casefold()]])
    return found


def _without_remarks(texts: Mapping[str, int], here: Here) -> dict[str, str]:
    """ "(our ref 123)" behind a label of the log, where many numbers stand there and come with a case each."""
    shorter: dict[str, str] = {}
    for family in families(texts, here.known):
        if len(_rare(family, texts)) >= CODE_COUNT:
            shorter |= family
    return shorter


def _rare(family: Mapping[str, str], texts: Mapping[str, int]) -> list[str]:
    return [text for text, rest in family.items() if texts[text] <= _event_count_max(text, rest)]


def _event_count_max(text: str, rest: str) -> int:
    """ "AB-1450" names no form."""
    return JOINED_EVENT_COUNT if digit_count(text) - digit_count(rest) >= LONG_CODE_DIGITS else RARE_EVENT_COUNT


def with_joined_numbers(texts: Mapping[str, int]) -> list[list[str]]:
    """Texts that are one but for a number, and the rest itself where it is one of them."""
    found = []
    for family in _families(texts, _without_numbers):
        of_kind: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for text, rest in family.items():
            of_kind[_letters_off(text, rest)].append(text)
        found += [[*alike, *(texts.keys() & {family[text] for text in alike})] for alike in of_kind.values()]
    return found


def with_few_numbers(texts: Mapping[str, int]) -> list[list[str]]:
    """Texts of few events that are another text and a number, and that other one last."""
    here = Here({text.casefold() for text in texts}, cases="|".join(map(re.escape, sorted(case_words()))))
    by_small = {text.casefold(): text for text in sorted(texts, reverse=True)}
    found = []
    for family in _families(texts, lambda text: _without_code(text, here)):
        rare = [text for text, rest in family.items() if texts[text] <= _event_count_max(text, rest)]
        bare = by_small.get(next(iter(family.values())).casefold())
        if rare and bare is not None:
            found.append([*rare, bare])
    return found


def _without_joined(texts: Mapping[str, int], here: Here) -> dict[str, str]:
    """Numbers joined to one reference that come with a case each: long ones beside the bare label, or many."""
    shorter: dict[str, str] = {}
    for family in _families(texts, lambda text: _without_numbers(text, here)):
        rare = {text: rest for text, rest in family.items() if texts[text] <= JOINED_EVENT_COUNT}
        if len(rare) >= CODE_COUNT and _are_of_one_kind(rare):
            shorter |= rare
        elif any(rest.casefold() in here.known for rest in family.values()):
            digits = {text: digit_count(text) - digit_count(rest) for text, rest in rare.items()}
            shorter |= {text: rare[text] for text, count in digits.items() if count >= SURE_DIGIT_COUNT}
    return shorter


def _are_of_one_kind(rests: Mapping[str, str]) -> bool:
    """Whether the same letters stand in all the numbers, or others in nearly each: "cv" and "cr" are two registers."""
    kinds = {_letters_off(*pair) for pair in rests.items()}
    return len(kinds) == 1 or len(kinds) >= CODE_COUNT


def _letters_off(text: str, rest: str) -> tuple[str, ...]:
    """The letters among what was taken off."""
    off = Counter(filter(str.isalpha, text)) - Counter(filter(str.isalpha, rest))
    return tuple(sorted(off.elements()))


def _without_numbers(text: str, here: Here = ALONE) -> str:
    joined = SPACED.sub(r"\1\2", text.replace("_", " "))
    return tidy(MIXED.sub(_mixed, JOINED.sub(_joined, joined)), text, here)


def _joined(code: re.Match) -> str:
    return _whole(code) if digit_count(code[0]) >= JOINED_DIGIT_COUNT else code[0]


def _mixed(code: re.Match) -> str:
    return _whole(code) if digit_count(code[0]) >= LONG_CODE_DIGITS else code[0]


def _without_chunks(texts: Mapping[str, int], here: Here) -> dict[str, str]:
    """Random marks such as 88YAjxg; "Q3FY24" and "level12" are not random."""
    shorter: dict[str, str] = {}
    for family in _families(texts, lambda text: tidy(CHUNK.sub(HOLE, text.replace("_", " ")), text)):
        random = {text for text in family if texts[text] <= RARE_EVENT_COUNT and _looks_random(text)}
        is_known = any(rest.casefold() in here.known for rest in family.values())
        if len(random) >= CODE_COUNT:
            shorter |= family
        elif is_known or len(random) >= RANDOM_CHUNK_COUNT:
            shorter |= {text: family[text] for text in random}
    return shorter


def _looks_random(text: str) -> bool:
    """Capitals in the middle of a word, as nobody writes them."""
    words = [word for chunk in CHUNK.findall(text.replace("_", " ")) for word in re.findall("[A-Za-z]+", chunk)]
    return any(word not in (word.lower(), word.upper(), word.title()) for word in words)


def _without_team(texts: Mapping[str, int], here: Here, organisation: Collection[str]) -> dict[str, str]:
    """Who does it ("- Dep2", "(Site B)"): only where the rest is a label too, or another team does the same."""

    def take_off(text: str) -> str:
        tail = TEAM.match(text)
        return tidy(tail[1] + HOLE, text) if tail and tail[2].casefold() in organisation else text

    shorter: dict[str, str] = {}
    for family in _families(texts, take_off, TAIL_SIGN):
        if len(family) > 1 or any(rest.casefold() in here.known for rest in family.values()):
            shorter |= family
    return shorter
