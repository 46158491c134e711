"""By how much a weekly series stepped up or down at week 0, and how sure that is when its weeks resemble each other.

Generalised least squares with errors of AR(1) (Prais and Winsten 1954, in the form with the whole covariance, so that a
missing week is no trouble). The correlation of the residuals comes out too small in short series, by about
(1 + 3 phi) / n for every mean that was fitted (Marriott and Pope 1954), and is made up for. Where weeks before already
rose or fell, the step is measured from that trend.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

CORRELATION_MAX = 0.9  # beyond it two months of weeks are one observation
NOTHING = 1e-6  # what is left of equal weeks by rounding
FREEDOM_MIN = 4  # the expansion of Student's t holds from there on
TREND_T_MIN = 2.0  # of the weeks before; a weaker one is noise, and to follow it would double the interval


@dataclass(frozen=True)
class Step:
    """The step, its ends at the sureness asked for, and what stood before it."""

    change: float
    low: float
    high: float
    before: float
    correlation: float
    has_trend: bool


def step(weeks: np.ndarray, values: np.ndarray, sureness: float) -> Step:
    """The step at week 0 of values by week number; at least three weeks before and one after."""
    is_after = (weeks >= 0).astype(float)
    constant = np.ones(len(weeks))
    has_trend = _has_trend(weeks[weeks < 0], values[weeks < 0])
    columns = [constant, is_after, *([weeks.astype(float)] if has_trend else [])]
    fitted, error, correlation = _fit(np.column_stack(columns), weeks, values)
    # weeks that resemble each other tell less of how far they scatter than as many that do not
    told = len(weeks) * (1 - correlation**2) / (1 + correlation**2)
    reach = max(_student(sureness, max(told - len(columns), FREEDOM_MIN)) * error[1], NOTHING)
    return Step(fitted[1], fitted[1] - reach, fitted[1] + reach, fitted[0], correlation, has_trend)


def _has_trend(weeks: np.ndarray, values: np.ndarray) -> bool:
    fitted, error, _ = _fit(np.column_stack([np.ones(len(weeks)), weeks.astype(float)]), weeks, values)
    reach = abs(fitted[1]) * (weeks.max() - weeks.min())
    return bool(reach > NOTHING and abs(fitted[1]) > TREND_T_MIN * error[1])


def _fit(design: np.ndarray, weeks: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Coefficients, their standard errors, and the correlation of a week's error with the last one's."""
    plain, *_ = np.linalg.lstsq(design, values, rcond=None)
    correlation = _correlation(weeks, values - design @ plain, design.shape[1])
    spread = correlation ** np.abs(weeks[:, None] - weeks[None, :]) if correlation else np.eye(len(weeks))
    inverse = np.linalg.inv(spread)
    covariance = np.linalg.inv(design.T @ inverse @ design)
    fitted = covariance @ design.T @ inverse @ values
    left = values - design @ fitted
    variance = left @ inverse @ left / (len(weeks) - design.shape[1])
    return fitted, np.sqrt(np.maximum(variance * np.diag(covariance), 0)), correlation


def _correlation(weeks: np.ndarray, left: np.ndarray, fitted_count: int) -> float:
    """Of errors one week apart, bias made up for; never below none, as a lucky see-saw would narrow the interval."""
    total = left @ left
    is_next = np.diff(weeks) == 1
    if total <= 1e-18 or not is_next.any():
        return 0.0
    seen = (left[1:] @ (left[:-1] * is_next)) / total
    count = len(weeks)
    return float(np.clip((count * seen + fitted_count) / (count - 3 * fitted_count), 0, CORRELATION_MAX))


def _student(sureness: float, freedom: float) -> float:
    """The two-sided quantile of Student's t, by the expansion in Abramowitz and Stegun 26.7.5."""
    z = NormalDist().inv_cdf((1 + sureness) / 2)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return z + sum(term / freedom**power for power, term in enumerate(terms, 1))
