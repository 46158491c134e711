"""How the times of a feed are read: by its declared format, as a count since 1970, or as ISO 8601; never by a guess.

A local time that a clock change skips is read with the offset before the change (02:30 becomes 03:30 summer time); one
that comes twice is the second, in standard time. A zone's short name (BST, IST, CST) means several zones; it is read
where the feed's own zone has it, as the offset it has there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb

from essa import privacy, scratch
from essa.errors import FeedError
from essa.feed_parts import UNIX
from essa.feeds import Feed
from essa.reading.opened import is_typed

ISO = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?)?(?P<offset>\s*(Z|z|[+-]\d\d(:?\d\d)?))?")
DAY_OR_MONTH = re.compile(r"\s*(\d{1,2})([/.\-])(\d{1,2})[/.\-](\d{4}|\d{2})(?!\d)")
# A time with its offset; anything else that is no local time is not read, for a cast would take it for UTC in silence
LOCAL = r"\s*[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ]\s*[0-9:.,]+)?\s*"
ZONED = LOCAL + r"([Zz]|(?i: utc| gmt)|[+-][0-9]{2}(:?[0-9]{2}){0,2}| [A-Za-z_]+/[A-Za-z_/+0-9-]+)\s*"
# What nearly all times look like, with digits at both ends, which takes a quarter of the time to tell
USUAL_LOCAL = ("____-__-__ __:__:__", "____-__-__T__:__:__")
USUAL_ZONED = tuple(f"____-__-__T__:__:__%{offset}" for offset in ("+__:__", "-__:__", "Z"))
BLANKS = "chr(9) || chr(10) || chr(13) || ' '"
ZONE_YEARS = range(1990, 2038)  # whose short names of zones are known
COUNT = r"\s*[0-9]{9,16}(\.[0-9]+)?\s*"  # of a unit of time since the beginning of 1970
COUNTED = ("1990-01-01", "2100-01-01")  # a count read in another unit lies outside
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
        return TimeReading("an instant, as stored", _of_instant("{x}"))
    if is_typed(kind):
        _need_zone(column, feed, "stored without a time zone")
        return TimeReading(f"as stored, {in_zone}", _in_utc("{x}::TIMESTAMP", feed))
    if feed.datetime_format in UNIX:
        return _counted(column, samples, feed, feed.datetime_format)
    if feed.datetime_format:
        return _by_format(column, samples, feed)
    given = [text.strip() for text in samples if text and text.strip()]
    matches = [ISO.fullmatch(text) for text in given]
    if given and sum(match is not None for match in matches) * 2 < len(given):
        strange = [text for text, match in zip(given, matches, strict=True) if not match]
        raise _needs_format(column, feed, strange[0], _unit(strange))
    if any(match is not None and not match["offset"] for match in matches):
        _need_zone(column, feed, "written without a time zone")
    words = "ISO 8601" + (f", {in_zone} where it has no offset" if feed.timezone else " with its offset")
    text = "replace({x}, ',', '.')" if any("," in text for text in given) else "{x}"
    trimmed = f"trim({text}, {BLANKS})"
    plain, tidied = (
        f"try_cast({x} AS TIMESTAMPTZ)" for x in (trimmed, f"regexp_replace(upper({trimmed}), ' +([+-])', '\\1')")
    )
    with_offset = _of_instant(f"coalesce({plain}, {tidied})")
    usual_local, without, bare = (
        _in_utc(f"try_cast({x} AS TIMESTAMP)", feed) if feed.timezone else "NULL::TIMESTAMP"
        for x in ("{x}", text, trimmed)
    )
    return TimeReading(
        words,
        f"""coalesce(CASE WHEN {{x}} NOT BETWEEN '0' AND ':' THEN NULL
                WHEN ({_is_like(USUAL_LOCAL)}) AND right({{x}}, 1) <= '9' THEN {usual_local}
                WHEN {_is_like(USUAL_ZONED)} THEN {_of_instant("try_cast({x} AS TIMESTAMPTZ)")} END,
            CASE WHEN NOT regexp_matches({{x}}, '{_in_braces("[^-0-9:., T]|^.{10,}-")}') THEN {without}
            WHEN regexp_full_match({{x}}, '{_in_braces(ZONED)}') THEN {with_offset}
            WHEN regexp_full_match({{x}}, '{_in_braces(LOCAL)}') THEN {bare} END)""",
    )


def _is_like(forms: Sequence[str]) -> str:
    return " OR ".join(f"{{x}} LIKE '{form}'" for form in forms)


def _in_braces(text: str) -> str:
    """As it stands in a text that is formatted once more."""
    return text.replace("{", "{{").replace("}", "}}")


def _of_instant(at: str) -> str:
    """What a clock of UTC shows; to ask for a zone by its name takes ten times as long."""
    return f"TRY(make_timestamp(epoch_us({at})))"


def _in_utc(local: str, feed: Feed) -> str:
    return _of_instant(f"timezone('{feed.timezone}', {local})")


def _counted(column: str, samples: Sequence[str], feed: Feed, unit: str) -> TimeReading:
    """A count since 1970, which is in UTC whatever the feed's zone."""
    instant = _since_1970(unit)
    given = [text.strip() for text in samples if text and text.strip()]
    if given and _fitting(_in_counted_years(instant), given) * 2 < len(given):
        raise FeedError(
            f"{feed.name}: the times in column `{column}` are no {unit}",
            seen=privacy.time_shape(given[0])[:40],
            do=_better_format(unit, given),
        )
    return TimeReading(f"{unit} since 1970, in UTC", instant)


def _since_1970(unit: str) -> str:
    """By way of a DECIMAL, for a DOUBLE has no room for microseconds."""
    return f"TRY(make_timestamp((try_cast({{x}} AS DECIMAL(28, 6)) * {UNIX[unit]})::BIGINT))"


def _in_counted_years(instant: str) -> str:
    first, end = COUNTED
    return f"CASE WHEN {instant} >= TIMESTAMP '{first}' AND {instant} < TIMESTAMP '{end}' THEN 1 END"


def _fitting(sql: str, given: Sequence[str]) -> int:
    """Of how many of these texts the SQL makes something."""
    with scratch.connection() as connection:
        counted = f"SELECT count({sql.format(x='x')}) FROM unnest(?::VARCHAR[]) AS t(x)"
        return connection.execute(counted, [given]).fetchall()[0][0]


def shown(text: str, feed: Feed) -> str:
    """A text of a column of times, as people may see it; a count that the feed declares is nobody's number."""
    unit = feed.datetime_format
    is_counted = unit in UNIX and _fitting(_in_counted_years(_since_1970(unit)), [text])
    return (text.strip() if is_counted else privacy.time_shape(text))[:40]


def _unit(given: Sequence[str]) -> str | None:
    """The one unit in which most of these texts count since 1970, if they do."""
    if sum(re.fullmatch(COUNT, text) is not None for text in given) * 2 < len(given):
        return None
    looks = {unit: _in_counted_years(_since_1970(unit)) for unit in UNIX}
    return next((unit for unit, look in looks.items() if _fitting(look, given) * 2 >= len(given)), None)


def _by_format(column: str, samples: Sequence[str], feed: Feed) -> TimeReading:
    text = feed.datetime_format or ""
    if re.search("(?<!%)Z$", text):
        raise FeedError(
            f"{feed.name}: datetime_format `{text}` ends in a plain Z",
            because="a Z at the end of a time says that it is UTC",
            do=f'write `datetime_format: "{text[:-1]}%z"`',
        )
    given = [value.strip() for value in samples if value and value.strip()]
    has_offset = "%z" in text or "%Z" in text
    parsed = _with_own_zone(text, feed) if has_offset else f"try_strptime({{x}}, {_quoted(text)})"
    try:
        fitting = _fitting(parsed, given)
    except duckdb.Error as error:
        raise FeedError(f"{feed.name}: datetime_format `{text}`", because=str(error).splitlines()[0]) from None
    if given and fitting * 2 < len(given):
        raise FeedError(
            f"{feed.name}: `{text}` does not fit column `{column}`",
            seen=privacy.time_shape(given[0])[:40],
            because="a short name such as BST or IST means several zones" if "%Z" in text else None,
            do=_better_format(text, given),
        )
    if has_offset:
        return TimeReading(f"{text}, with its own zone", _of_instant(parsed))
    _need_zone(column, feed, f"written as `{text}`, without a time zone")
    return TimeReading(f"{text}, local time of {feed.timezone}", _in_utc(parsed, feed))


def _better_format(text: str, given: Sequence[str]) -> str:
    if unit := _unit(given):
        return f"write `datetime_format: {unit}`"
    if ISO.fullmatch(given[0]):
        return "leave `datetime_format` out: these times are ISO 8601, which is read as it stands"
    if "%Z" in text:
        return "write the `timezone:` whose clocks say so, for example Europe/London, and a format that fits"
    return "write the datetime_format that fits the times as they stand in the file"


def _with_own_zone(text: str, feed: Feed) -> str:
    """The instant of a text that holds its offset, or a name of its zone; DuckDB's %z knows no names, not even Z."""
    offset = "{x}"
    for name, shift in _short_names(feed).items() if "%Z" in text else ():
        offset = f"regexp_replace({offset}, '(^|[^A-Za-z/]){name}([^A-Za-z/]|$)', '\\1{shift}\\2')"
    offset = f"try_strptime(regexp_replace({offset}, 'Z$', '+0000'), {_quoted(text.replace('%Z', '%z'))})::TIMESTAMPTZ"
    if "%Z" not in text:
        return offset
    by_place = f"try_strptime({{x}}, {_quoted(text)})::TIMESTAMPTZ"
    return f"CASE WHEN regexp_matches({{x}}, '[A-Za-z]/[A-Za-z]') THEN {by_place} ELSE {offset} END"


def _short_names(feed: Feed) -> dict[str, str]:
    """Offsets by what clocks of the feed's zone call them, but for a name of two of them: nothing says which."""
    found = {"UTC": {"+0000"}, "GMT": {"+0000"}}
    for at in (datetime(year, month, 1, tzinfo=feed.zone) for year in ZONE_YEARS for month in range(1, 13)):
        if feed.zone and at.strftime("%Z").isalpha():
            found.setdefault(at.strftime("%Z"), set()).add(at.strftime("%z"))
    return {name: min(shifts) for name, shifts in sorted(found.items()) if len(shifts) == 1}


def _quoted(text: str) -> str:
    return "'" + _in_braces(text.replace("'", "''")) + "'"


def _need_zone(column: str, feed: Feed, how: str) -> None:
    if not feed.timezone:
        raise FeedError(
            f"{feed.name}: no time zone for column `{column}`",
            because=f"its times are {how}, and clocks differ between countries",
            do="write the zone its clock showed, for example `timezone: Asia/Kolkata`, or `timezone: UTC`",
        )


def _needs_format(column: str, feed: Feed, example: str, unit: str | None) -> FeedError:
    shown = privacy.time_shape(example)[:40]
    match = DAY_OR_MONTH.match(example)
    if not match:
        counted = unit and f"write `datetime_format: {unit}` if they count these since the beginning of 1970"
        return FeedError(
            f"{feed.name}: the times in column `{column}` are not ISO 8601",
            seen=shown,
            do=counted or 'write how they stand, for example `datetime_format: "%Y%m%d %H%M%S"` (codes as in strptime)',
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
