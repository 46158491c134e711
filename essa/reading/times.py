"""How the times of a feed are read: by its declared format, or as ISO 8601; never by a guess.

A local time that a clock change skips is read with the offset before the change (02:30 becomes 03:30 summer time); one
that comes twice is the second, in standard time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from essa import privacy, scratch
from essa.errors import FeedError
from essa.feeds import Feed

ISO = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?)?(?P<offset>\s*(Z|z|[+-]\d\d(:?\d\d)?))?")
DAY_OR_MONTH = re.compile(r"\s*(\d{1,2})([/.\-])(\d{1,2})[/.\-](\d{4}|\d{2})(?!\d)")
TIME_COLUMNS = ("started_at", "ended_at", "occurred_at", "due_at")


@dataclass(frozen=True)
class TimeReading:
    """How one column's times are read: `in_words` for people, `sql` a TIMESTAMP in UTC with `{x}` for the column."""

    in_words: str
    sql: str


def understand(column: str, kind: str, samples: Sequence[str], feed: Feed) -> TimeReading:
    """How a column of DuckDB type `kind` is read; FeedError says what to write where the log alone cannot tell."""
    in_zone = f"local time of {feed.timezone}"
    if kind == "TIMESTAMP WITH TIME ZONE":
        return TimeReading("an instant, as stored", "TRY(timezone('UTC', {x}))")
    if is_typed(kind):
        _need_zone(column, feed, "stored without a time zone")
        return TimeReading(f"as stored, {in_zone}", _in_utc("{x}::TIMESTAMP", feed))
    if feed.datetime_format:
        return _by_format(column, samples, feed)
    given = [text.strip() for text in samples if text and text.strip()]
    matches = [ISO.fullmatch(text) for text in given]
    if given and sum(match is not None for match in matches) * 2 < len(given):
        raise _needs_format(column, feed, next(t for t, match in zip(given, matches, strict=True) if not match))
    if any(match is not None and not match["offset"] for match in matches):
        _need_zone(column, feed, "written without a time zone")
    words = "ISO 8601" + (f", {in_zone} where it has no offset" if feed.timezone else " with its offset")
    text = "replace({x}, ',', '.')" if any("," in text for text in given) else "{x}"
    plain, tidied = (
        f"try_cast({x} AS TIMESTAMPTZ)" for x in (text, f"regexp_replace(upper({text}), ' +([+-])', '\\1')")
    )
    with_offset = f"TRY(timezone('UTC', coalesce({plain}, {tidied})))"
    without = _in_utc(f"try_cast({text} AS TIMESTAMP)", feed) if feed.timezone else "NULL::TIMESTAMP"
    # a cast to TIMESTAMP passes over the offset or the zone's name in silence
    return TimeReading(
        words, f"CASE WHEN regexp_matches({{x}}, '[^-0-9:., T]|^.{{{{10,}}}}-') THEN {with_offset} ELSE {without} END"
    )


def is_typed(kind: str) -> bool:
    """Whether a column of that DuckDB type holds times already, and not text or numbers."""
    return kind.startswith("TIMESTAMP") or kind == "DATE"


def _in_utc(local: str, feed: Feed) -> str:
    return f"TRY(timezone('UTC', timezone('{feed.timezone}', {local})))"


def _by_format(column: str, samples: Sequence[str], feed: Feed) -> TimeReading:
    text = feed.datetime_format or ""
    if re.search("(?<!%)Z$", text):
        raise FeedError(
            f"{feed.name}: datetime_format `{text}` ends in a plain Z",
            because="a Z at the end of a time says that it is UTC",
            do=f'write `datetime_format: "{text[:-1]}%z"`',
        )
    quoted = "'" + text.replace("'", "''").replace("{", "{{").replace("}", "}}") + "'"
    given = [value.strip() for value in samples if value and value.strip()]
    has_offset = "%z" in text or "%Z" in text
    tried = [re.sub("Z$", "+0000", value) for value in given] if has_offset else given
    try:
        with scratch.connection() as connection:
            fitting = connection.execute(
                "SELECT count(try_strptime(x, ?)) FROM unnest(?::VARCHAR[]) AS t(x)", [text, tried]
            ).fetchall()[0][0]
    except duckdb.Error as error:
        raise FeedError(f"{feed.name}: datetime_format `{text}`", because=str(error).splitlines()[0]) from None
    if given and fitting * 2 < len(given):
        raise FeedError(
            f"{feed.name}: `{text}` does not fit column `{column}`",
            seen=privacy.time_shape(given[0])[:40],
            do="leave `datetime_format` out: these times are ISO 8601, which is read as it stands"
            if ISO.fullmatch(given[0])
            else "write the datetime_format that fits the times as they stand in the file",
        )
    if has_offset:  # DuckDB's %z knows no Z
        parsed = f"try_strptime(regexp_replace({{x}}, 'Z$', '+0000'), {quoted})::TIMESTAMPTZ"
        return TimeReading(f"{text}, with its own zone", f"TRY(timezone('UTC', {parsed}))")
    _need_zone(column, feed, f"written as `{text}`, without a time zone")
    return TimeReading(
        f"{text}, local time of {feed.timezone}",
        _in_utc(f"try_strptime({{x}}, {quoted})", feed),
    )


def _need_zone(column: str, feed: Feed, how: str) -> None:
    if not feed.timezone:
        raise FeedError(
            f"{feed.name}: no time zone for column `{column}`",
            because=f"its times are {how}, and clocks differ between countries",
            do="write the zone its clock showed, for example `timezone: Asia/Kolkata`, or `timezone: UTC`",
        )


def _needs_format(column: str, feed: Feed, example: str) -> FeedError:
    shown = privacy.time_shape(example)[:40]
    match = DAY_OR_MONTH.match(example)
    if not match:
        return FeedError(
            f"{feed.name}: the times in column `{column}` are not ISO 8601",
            seen=shown,
            do='write how they stand, for example `datetime_format: "%Y%m%d %H%M%S"` (codes as in strptime)',
        )
    mark, year = match[2], "%Y" if len(match[4]) == 4 else "%y"
    clock = _clock_format(example[match.end() :])
    return FeedError(
        f"{feed.name}: day and month of column `{column}` can be swapped",
        seen=shown,
        do=f'write `datetime_format: "%d{mark}%m{mark}{year}{clock}"` if the day comes first,\n'
        f'or `datetime_format: "%m{mark}%d{mark}{year}{clock}"` if the month does',
    )


def _clock_format(rest: str) -> str:
    match = re.match(r"(\D{0,3})\d{1,2}:\d\d(:\d\d)?([.,]\d+)?(?: ?([AaPp][Mm])\b)?( ?)(Z|[+-]\d\d:?\d\d)?", rest)
    if not match:
        return ""
    gap, seconds, fraction, half_day, zone_gap, zone = match.groups()
    clock = gap + ("%I" if half_day else "%H") + ":%M" + (":%S" if seconds else "")
    clock += fraction[0] + "%f" if fraction else ""
    clock += (" %p" if f" {half_day}" in match[0] else "%p") if half_day else ""
    return clock + (f"{zone_gap}%z" if zone else "")


def understand_all(
    types: Mapping[str, str], samples: Mapping[str, Sequence[str]], feed: Feed
) -> tuple[dict[str, TimeReading], list[FeedError]]:
    """The reading of each time column the feed names, by our name of it, and what is wrong with the others."""
    readings, troubles = {}, []
    for ours in TIME_COLUMNS:
        if (theirs := getattr(feed.columns, ours)) is None:
            continue
        try:
            readings[ours] = understand(theirs, types[theirs], samples.get(theirs, ()), feed)
        except FeedError as trouble:
            troubles.append(trouble)
    return readings, troubles
