"""Working seconds and the wall clock: 26 weeks, Monday to Friday, each provider in its own hours and zone.

Working seconds count a provider's open hours alone, so that nights and weekends do not exist while work is handed out.
"""

from __future__ import annotations

import numpy as np

FIRST_DAY = np.datetime64("2026-05-25")  # a Monday
WEEK_COUNT = 26
DAY_COUNT = 5 * WEEK_COUNT  # the last is Friday, 2026-11-20
OPENS_S = np.array([9, 8, 9]) * 3600  # Alpha, Beta, Gamma, on their own clocks
CLOSES_S = np.array([18, 16, 18]) * 3600
DAY_S = CLOSES_S - OPENS_S


def calendar_day(day: np.ndarray) -> np.ndarray:
    """The date of each working day."""
    return FIRST_DAY + (day // 5 * 7 + day % 5)


def wall_clock(provider: np.ndarray, working_s: np.ndarray, is_end: bool) -> np.ndarray:
    """Local wall-clock seconds since 1970; an end on the stroke of closing stays on that day."""
    shift = int(is_end)
    day, second = np.divmod(working_s - shift, DAY_S[provider])
    date_s = calendar_day(day).astype("datetime64[s]").astype(np.int64)
    return date_s + OPENS_S[provider] + second + shift
