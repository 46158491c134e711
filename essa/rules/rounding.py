"""Of the values between two of the data, the one a rule book would write."""

from __future__ import annotations

import math

import numpy as np

FIRST_DAY = np.datetime64("1970-01-01")
DECIMAL_DIGITS = 18  # more than a floating-point number has


def roundest_between(low: float, high: float, unit: str, near: float | None = None) -> float:
    """The roundest value at or above `low` and below `high`: a short decimal, the end of a year, month or day."""
    if unit == "number" or low == -np.inf:
        return shortest_between(low, high, near)
    step = 1 if unit == "day" else 86_400
    first = FIRST_DAY + np.timedelta64(math.ceil(low / step), "D")
    for span in ("Y", "M"):
        begins = first.astype(f"datetime64[{span}]").astype("datetime64[D]")
        if unit == "day":  # the last day of it; times are told up to its first moment
            begins = (first.astype(f"datetime64[{span}]") + 1).astype("datetime64[D]") - 1
        elif begins < first:
            begins = (first.astype(f"datetime64[{span}]") + 1).astype("datetime64[D]")
        rounded = float((begins - FIRST_DAY).astype(int) * step)
        if low <= rounded < high:
            return rounded
    rounded = math.ceil(low / step) * step
    return float(rounded) if low <= rounded < high else low


def shortest_between(low: float, high: float, near: float | None = None) -> float:
    """The decimal of fewest digits at or above `low` and below `high`: most likely what the rule book says.

    Of several one that ends in 5, then the nearest to `near`, or to the middle.
    """
    if low == -np.inf:
        return low
    near = low / 2 + high / 2 if near is None else near
    whole = math.ceil(math.log10(max(abs(low), abs(high))))  # digits before the point
    for digits in range(max(-whole, -300), min(DECIMAL_DIGITS - whole, 300)):
        first, beyond, wanted = (one * 10**digits if digits >= 0 else one / 10**-digits for one in (low, high, near))
        for unit in (5, 1):
            least, most = math.ceil(round(first, 6) / unit), math.ceil(beyond / unit) - 1
            nearest = min(max(round(wanted / unit), least), most)
            for steps in (nearest * unit, (nearest - 1) * unit):  # of which the first may be a hair too much
                rounded = steps / 10**digits if digits >= 0 else float(steps * 10**-digits)
                if low <= rounded < high:
                    return rounded
    return low
