"""Names of made-up workers, and remarks of which some hold what must never be published."""

from __future__ import annotations

import numpy as np

FIRST_NAMES = (
    "Asha Ravi Meera Arjun Kavya Rohan Divya Nikhil Priya Sanjay Anita Vikram Neha Suresh Pooja Rahul Lata Manoj "
    "Deepa Amit Sunita Kiran Geeta Harish",
    "Piotr Anna Tomasz Ewa Marek Magda Jakub Zofia Pawel Karolina Adam Joanna Michal Agata Wojciech Dorota Lukasz "
    "Iwona Kamil Beata Grzegorz Monika Rafal Hanna",
    "Maria Jose Angelica Ramon Liza Paolo Carmela Jun Rosario Miguel Tess Dante Grace Noel Luz Benjie Corazon Allan "
    "Jasmine Rey Cecilia Nestor Aileen Edgar",
)
LAST_NAMES = (
    "Rao Nair Iyer Sharma Patel Menon Gupta Reddy Kulkarni Das Bose Pillai Joshi Verma Kapoor Desai Shetty Banerjee "
    "Chopra Naidu Mehta Ghosh Bhat",
    "Nowak Kowalski Wozniak Mazur Krawczyk Zielinski Szymanski Dudek Pawlak Wilk Sikora Baran Kubiak Lis Czarnecki "
    "Wrona Gajda Kurek Bielak Sowa Kaczmarek Zajac Rutkowski",
    "Santos Reyes Cruz Bautista Ocampo Garcia Mendoza Torres Castillo Flores Villanueva Ramos Aquino Navarro Salazar "
    "Mercado Domingo Pascual Soriano Lim Tolentino Magno Abad",
)
PLAIN_REMARKS = (
    "urgent, month end",
    "waiting for the original",
    "second attempt",
    "see attachment",
    "colleague on leave, took over",
    "cost centre unclear",
    "scan hard to read",
    "customer will be away until Monday",
    "as agreed on the phone",
    "old form used",
    'stamped "paid"; please check',
    "faktura z Łodzi, café receipt missing",
)


def worker_names(provider: int, count: int) -> list[str]:
    """Different names; once first and last names are used up, with a middle initial."""
    first, last = FIRST_NAMES[provider].split(), LAST_NAMES[provider].split()
    names = []
    for number in range(count):
        # 24 first names and 23 last names have no common factor, so the pairs come round only after all of them.
        round_number = number // (len(first) * len(last))
        middle = f" {chr(65 + round_number % 26)}." if round_number else ""
        names.append(f"{first[number % len(first)]}{middle} {last[number % len(last)]}")
    return names


def remarks(rng: np.random.Generator) -> list[str]:
    """Everyday remarks, and about one in four with an address, a phone number, a card or a bank account in it."""
    private = []
    for number in range(4):
        digits = "".join(map(str, rng.integers(0, 10, 12)))
        private += [
            f"answer to {('m.keller', 'jane_doe', 'billing', 'office.hq')[number]}@example.com",
            f"call back +{('91 98', '48 60', '63 91', '44 77')[number]}{digits[:3]} {digits[3:8]}",
            f"refund to card {_card(digits[:11])}",
            f"pay to {_iban('PL', digits + digits[::-1])}",
        ]
    plain = [f"{text}{note}" for text in PLAIN_REMARKS for note in ("", " (again)", ", thanks", " - pls check")]
    return [*private, *plain]


def _card(digits: str) -> str:
    """A card number of sixteen digits with the right check digit."""
    stem = "4111" + digits
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(stem)]
    check = -sum(number - 9 if number > 9 else number for number in doubled) % 10
    number = stem + str(check)
    return " ".join(number[place : place + 4] for place in range(0, 16, 4))


def _iban(country: str, account: str) -> str:
    """A bank account number with the right check digits (ISO 13616)."""
    letters = "".join(str(ord(letter) - 55) for letter in country)
    return f"{country}{98 - int(account + letters + '00') % 97:02}{account}"
