"""Whether the digits of a number agree with its check digit, by the name that the country or its rule has.

Each takes the number's letters and digits alone, in capitals, and says no to one of another length or shape.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
HETU_MARKS = "0123456789ABCDEFHJKLMNPRSTUVWXY"
PPS_LETTERS = "WABCDEFGHIJKLMNOPQRSTUV"
NRIC_LETTERS = {"S": "JZIHGFEDCBA", "T": "JZIHGFEDCBA", "F": "XWUTRQPNMLK", "G": "XWUTRQPNMLK", "M": "XWUTRQPNJLK"}
NRIC_ADDS = {"S": 0, "T": 4, "F": 0, "G": 4, "M": 3}
ODD_MARKS = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
# The dihedral group of order ten, as Verhoeff arranged it: products, and what each place does to a digit.
PRODUCTS = ("0123456789", "1234067895", "2340178956", "3401289567", "4012395678", "5987604321", "6598710432",
            "7659821043", "8765932104", "9876543210")  # fmt: skip
PLACES = ("0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415",
          "7046913258")  # fmt: skip

Check = Callable[[str], bool]


def _digits(number: str, count: int) -> list[int]:
    return [int(mark) for mark in number] if re.fullmatch(f"[0-9]{{{count}}}", number) else []


def weighted(weights: Sequence[int], modulus: int) -> Check:
    """Whether the digits, each times its weight, add up to nothing left over."""

    def check(number: str) -> bool:
        digits = _digits(number, len(weights))
        return bool(digits) and sum(w * d for w, d in zip(weights, digits, strict=True)) % modulus == 0

    return check


def luhn(number: str) -> bool:
    if not re.fullmatch("[0-9]+", number):
        return False
    doubled = [sum(divmod(int(digit) * (1 + place % 2), 10)) for place, digit in enumerate(reversed(number))]
    return sum(doubled) % 10 == 0


def personnummer(number: str) -> bool:
    """Sweden's; of a year in four digits the last two count."""
    return len(number) in (10, 12) and luhn(number[-10:])


def verhoeff(number: str) -> bool:
    """Of India's Aadhaar."""
    if not re.fullmatch("[0-9]+", number):
        return False
    left = 0
    for place, digit in enumerate(reversed(number)):
        left = int(PRODUCTS[left][int(PLACES[place % 8][int(digit)])])
    return left == 0


def steuer_id(number: str) -> bool:
    """ISO 7064 MOD 11,10, as Germany's tax number has it."""
    digits = _digits(number, 11)
    product = 10
    for digit in digits[:-1]:
        product = ((digit + product) % 10 or 10) * 2 % 11
    return bool(digits) and (11 - product) % 10 == digits[-1]


def rentenversicherung(number: str) -> bool:
    """Germany's pension insurance: a letter counts as its two-digit place in the alphabet."""
    if not re.fullmatch("[0-9]{8}[A-Z][0-9]{3}", number):
        return False
    digits = number[:8] + f"{ord(number[8]) - 64:02}" + number[9:11]
    parts = (sum(divmod(int(d) * w, 10)) for d, w in zip(digits, (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1), strict=True))
    return sum(parts) % 10 == int(number[11])


def dni(number: str) -> bool:
    """Spain's, of citizens and (with X, Y or Z before it) of foreigners."""
    bare = number.replace("X", "0", 1).replace("Y", "1", 1).replace("Z", "2", 1) if number[:1] in "XYZ" else number
    return bool(re.fullmatch("[0-9]{8}[A-Z]", bare)) and bare[8] == DNI_LETTERS[int(bare[:8]) % 23]


def nir(number: str) -> bool:
    """France's; the departments of Corsica have a letter."""
    bare = number[:5] + number[5:7].replace("2A", "19").replace("2B", "18") + number[7:]
    return bool(_digits(bare, 15)) and 97 - int(bare[:13]) % 97 == int(bare[13:])


def rijksregister(number: str) -> bool:
    """Belgium's; of those born from 2000 on a 2 is put before it."""
    whole = bool(_digits(number, 11))
    return whole and int(number[9:]) in (97 - int(number[:9]) % 97, 97 - int("2" + number[:9]) % 97)


def codice_fiscale(number: str) -> bool:
    """Italy's; marks in odd places count as a table says."""
    if not re.fullmatch("[A-Z]{6}[0-9]{2}[A-Z][0-9]{2}[A-Z][0-9]{3}[A-Z]", number):
        return False
    values = [int(mark) if mark.isdigit() else ord(mark) - 65 for mark in number]
    total = sum(value if place % 2 else ODD_MARKS[value] for place, value in enumerate(values[:15]))
    return total % 26 == values[15]


def cpf(number: str) -> bool:
    """Brazil's: two check digits; eleven times the same digit is nobody's."""
    digits = _digits(number, 11)
    return len(set(digits)) > 1 and all(
        sum(w * d for w, d in zip(range(size + 1, 1, -1), digits, strict=False)) * 10 % 11 % 10 == digits[size]
        for size in (9, 10)
    )


def rut(number: str) -> bool:
    """Chile's; a check of ten is written K."""
    if not re.fullmatch("[0-9]{7,8}[0-9K]", number):
        return False
    total = sum(int(d) * (2 + place % 6) for place, d in enumerate(reversed(number[:-1])))
    return "0K987654321"[total % 11] == number[-1]


def fodselsnummer(number: str) -> bool:
    """Norway's: two check digits."""
    return weighted((3, 7, 6, 1, 8, 9, 4, 5, 2, 1), 11)(number[:10]) and FNR_WHOLE(number)


FNR_WHOLE = weighted((5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1), 11)


def hetu(number: str) -> bool:
    """Finland's; the mark of the century between its halves counts for nothing, and a sign of it may be gone."""
    found = re.fullmatch("([0-9]{6})[A-Z]?([0-9]{3})([0-9A-Y])", number)
    return found is not None and HETU_MARKS[int(found[1] + found[2]) % 31] == found[3]


def pps(number: str) -> bool:
    """Ireland's."""
    found = re.fullmatch("([0-9]{7})([A-W])([A-IW]?)", number)
    if found is None:
        return False
    second = PPS_LETTERS.index(found[3]) if found[3] else 0
    total = sum(int(d) * w for d, w in zip(found[1], range(8, 1, -1), strict=True)) + 9 * second
    return PPS_LETTERS[total % 23] == found[2]


def nric(number: str) -> bool:
    """Singapore's."""
    if not re.fullmatch("[STFGM][0-9]{7}[A-Z]", number):
        return False
    total = sum(int(d) * w for d, w in zip(number[1:8], (2, 7, 6, 5, 4, 3, 2), strict=True))
    return NRIC_LETTERS[number[0]][(total + NRIC_ADDS[number[0]]) % 11] == number[8]


def hkid(number: str) -> bool:
    """Hong Kong's; a check of ten is written A, and where the second letter is not there a blank counts 36."""
    found = re.fullmatch("([A-Z]{1,2})([0-9]{6})([0-9A])", number)
    if found is None:
        return False
    letters = [36] * (2 - len(found[1])) + [ord(mark) - 55 for mark in found[1]]
    values = [*letters, *map(int, found[2]), int(found[3], 11)]
    return sum(w * v for w, v in zip(range(9, 0, -1), values, strict=True)) % 11 == 0


def resident_id(number: str) -> bool:
    """China's; a check of ten is written X."""
    if not re.fullmatch("[0-9]{17}[0-9X]", number):
        return False
    values = [*map(int, number[:17]), 10 if number[17] == "X" else int(number[17])]
    return sum(pow(2, 17 - place) * value for place, value in enumerate(values)) % 11 == 1


BY_NAME: dict[str, Check] = {
    "luhn": luhn,
    "verhoeff": verhoeff,
    "ahv": weighted((1, 3) * 6 + (1,), 10),
    "bsn": weighted((9, 8, 7, 6, 5, 4, 3, 2, -1), 11),
    "codice_fiscale": codice_fiscale,
    "cpf": cpf,
    "cuil": weighted((5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1), 11),
    "dni": dni,
    "fodselsnummer": fodselsnummer,
    "hetu": hetu,
    "hkid": hkid,
    "nir": nir,
    "nric": nric,
    "personnummer": personnummer,
    "pesel": weighted((1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1), 10),
    "pps": pps,
    "rentenversicherung": rentenversicherung,
    "resident_id": resident_id,
    "rijksregister": rijksregister,
    "rut": rut,
    "steuer_id": steuer_id,
}


def holds(name: str, text: str) -> bool:
    """Whether what stands in `text`, without what parts its groups, passes the check of that name."""
    return BY_NAME[name](re.sub("[^0-9A-Z]", "", text.upper()))
