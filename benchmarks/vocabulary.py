"""A made-up vocabulary as large as asked: steps full of look-alike siblings, and how people mistype them."""

from __future__ import annotations

import random

VERBS = """approve reject review check verify create delete update send resend receive close reopen open assign reassign
enter post pay schedule cancel activate deactivate import export lock unlock register validate request confirm notify
release escalate print scan file archive calculate reconcile submit return"""
OBJECTS = """invoice claim order payment contract contact account customer supplier vendor employee employer ticket
request report document statement timesheet payroll policy quotation shipment delivery receipt credit debit loan
mortgage application permit refund voucher budget expense asset warehouse parcel pallet invoice prescription referral
patient sample specimen device licence certificate passport visa tenant lease complaint appeal survey"""
DETAILS = """date data amount address details status number price quantity terms limit level balance record history
summary draft copy form line item header footer note letter reminder batch archive index code"""
MARKS = ["", "", "", "level 1", "level 2", "tier 3", "by wire", "by check", "from savings", "to savings", "in full"]
SHORT = {
    "account": "acct", "payment": "pymt", "invoice": "inv.", "customer": "cust", "employee": "empl", "details": "dtls",
    "document": "doc", "quantity": "qty", "request": "req.", "amount": "amt", "application": "appl", "number": "nbr",
}  # fmt: skip
KEYS = "qwertyuiopasdfghjklzxcvbnm"


def made_up(size: int, seed: int = 1) -> list[tuple[str, str, int]]:
    """(label, what it means, events), `size` labels; two fifths of them are right as they stand."""
    draw = random.Random(seed)
    proper: dict[str, int] = {}
    trades = [_word(draw) for _ in range(max(20, size // 40))]
    while len(proper) < size * 2 // 5:
        kind = [*OBJECTS.split(), *trades]
        parts = [
            draw.choice(VERBS.split()),
            draw.choice(kind),
            draw.choice(["", *DETAILS.split()]),
            draw.choice(["", *trades]),
        ]
        label = " ".join(part for part in [*parts, draw.choice(MARKS)] if part).capitalize()
        proper.setdefault(label, int(draw.paretovariate(0.8) * 20))
    found = {label: (label, count) for label, count in proper.items()}
    labels = list(proper)
    while len(found) < size:
        label = draw.choice(labels)
        dirty = _dirty(label, draw)
        if dirty not in found:
            found[dirty] = (label, max(1, proper[label] // draw.randint(20, 400)))
    return [(label, means, count) for label, (means, count) in found.items()]


def _word(draw: random.Random) -> str:
    syllables = (draw.choice("bcdfglmnprstv") + draw.choice("aeiou") for _ in range(draw.randint(2, 4)))
    return "".join(syllables) + draw.choice("nrst")


def _dirty(label: str, draw: random.Random) -> str:
    kind = draw.random()
    words = label.split()
    if kind < 0.45:
        place = draw.randrange(1, len(label) - 1)
        letter = draw.choice(KEYS)
        made = draw.choice(["", letter, letter + label[place]])
        is_swap = draw.random() < 0.25
        after = label[place + 1] + label[place] + label[place + 2 :] if is_swap else made + label[place + 1 :]
        return label[:place] + after
    if kind < 0.6:
        return " ".join(SHORT.get(word.lower(), word) for word in words)
    if kind < 0.75:
        return draw.choice([label.upper(), label.title(), "_".join(words), f" {label}", f"{label}."])
    if kind < 0.9:
        day, number = draw.randint(10, 28), draw.randint(10000, 99999)
        return f"{label} {draw.choice([f'#{number}', f'INC00{number}', f'2026-03-{day}', f'REQ-{number}'])}"
    return f"{label} - {draw.choice(['Dep', 'Team ', 'Site '])}{draw.randint(1, 9)}"
