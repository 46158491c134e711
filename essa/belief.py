"""Which feeds are not believed tonight, and of each the reason in one line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from essa import contract, in_words
from essa.errors import FILE_NAME, EssaError
from essa.settings import Settings
from essa.warehouse import Warehouse

# By the rule of `ops.feed` that is broken; a rule that is not here speaks for itself.
WORDS: dict[str, Callable[[Mapping[str, Any], Settings], str]] = {
    "few lines are refused": lambda row, settings: (
        f"{row['refused']} lines are refused, more than {settings.rejected_share_max:.0%}, mostly for: "
        f"{row['refused_for']}; see raw.rejected_event"
    ),
    "volume has not collapsed": lambda row, settings: (
        f"it holds {row['volume_share']:.1%} of its usual lines, less than {settings.volume_share_min:.0%}; "
        "ask for the whole delivery"
    ),
    "no days are missing": lambda row, settings: (
        f"no work on {row['missing_day_count']} working days in a row from {row['missing_from_on']} on, more than "
        f"{settings.missing_days_max}; ask for them, or declare the days off in its `calendar:`"
    ),
}

# What is mostly behind it where a rule refuses so many lines that their feed is not believed.
QUESTIONS = {
    "ends after it starts": "are started_at and ended_at swapped?",
    "is not in the future": "is its datetime_format or timezone wrong?",
    "times are readable": "is its datetime_format wrong?",
    "has a known lifecycle": "is lifecycle another column? Its words are to be start, complete and the others of XES",
}


def block(warehouse: Warehouse, troubles: Mapping[str, str], standing: Mapping[str, int]) -> list[str]:
    """Marks tonight's feeds that break a rule of severity block; their names.

    `troubles` is what kept a feed from being read, in one line; `standing` the files that an earlier night counted.
    """
    rules = [rule for rule in contract.load("ops.feed").rules() if rule.severity == "block"]
    reasons: dict[str, list[str]] = {}
    for rule in rules:
        for row in warehouse.rows(
            f"SELECT * FROM ops.feed WHERE night = ? AND {contract.bad_row_sql(rule)} ORDER BY feed", [warehouse.night]
        ):
            told = f"{rule.name} does not hold: {rule.why}"
            if row["trouble"] is not None:
                told = troubles[row["feed"]]
            elif words := WORDS.get(rule.name):
                about = {"refused": _refused(row, warehouse), "refused_for": _refused_for(row["feed"], warehouse)}
                told = words({**row, **about}, warehouse.settings)
            reasons.setdefault(row["feed"], []).append(told)
    for feed, told in reasons.items():
        count = standing.get(feed, 0)
        many = (
            "its one file that counted before still does"
            if count == 1
            else f"its {count} files that counted before still do"
        )
        stands = many if count else "nothing of it counts yet"
        warehouse.connection.execute(
            "UPDATE ops.feed SET status = 'blocked', reason = ? WHERE night = ? AND feed = ?",
            ["; ".join([*dict.fromkeys(told), stands]), warehouse.night, feed],
        )
    return sorted(reasons)


def reasons(found: Sequence[Mapping[str, Any]]) -> list[str]:
    """What is said of feeds, rows with `feed` and `reason`: a line each, and one for all of which the same is said.

    The same is also what differs by the file's name alone, with which it begins.
    """
    said: dict[str, list[tuple[str, str]]] = {}
    for row in found:
        if row["reason"]:
            reason = row["reason"].removeprefix(f"{row['feed']}: ")
            said.setdefault(FILE_NAME.sub("its file", reason), []).append((row["feed"], reason))
    lines = []
    for alike, told in said.items():
        feeds, own = zip(*told, strict=True)
        lines.append(f"{in_words.some(feeds)}: {own[0] if len(set(own)) == 1 else alike}")
    return lines


def nothing_left(warehouse: Warehouse) -> EssaError:
    """What to tell where no feed is believed, and none was on an earlier night."""
    blocked = warehouse.rows("SELECT feed, reason FROM ops.feed WHERE night = ? ORDER BY feed", [warehouse.night])
    return EssaError(
        "no feed could be believed",
        because="\n".join(reasons(blocked)),
        do="mend what is named; nothing was published",
    )


def nothing_done(warehouse: Warehouse) -> EssaError:
    """What to tell where the feeds are believed and not one execution stands in them."""
    what = "no execution was believed tonight"
    count = warehouse.value("SELECT sum(line_count)::BIGINT FROM raw.delivery") or 0
    files = warehouse.rows("SELECT feed, source_file FROM raw.delivery WHERE status <> 'removed' ORDER BY ALL")
    if not count:
        names = [f"{row['feed']} ({row['source_file']})" for row in files]
        told = f"the feeds' files hold no lines: {in_words.some(names)}"
        return EssaError(what, because=told, do="see that these are the files meant; nothing was published")
    refused = warehouse.rows(
        """SELECT feed, source_file, source_line, reason, count(*) OVER () AS count
        FROM raw.rejected_event ORDER BY feed, source_file, source_line LIMIT 1"""
    )
    told = f"of {in_words.many(count, 'line')} none says when a step ended"
    for row in refused:
        told = (
            f"{row['count']:,} of {in_words.many(count, 'line')} refused; the first: "
            f"{row['feed']}, {row['source_file']}, line {row['source_line']}: {row['reason']}"
        )
    return EssaError(what, because=told, do="mend the feed's lines of the feeds file; `essa check` shows how it reads")


def remark(warehouse: Warehouse) -> None:
    """Notes in `ops.feed` what was strange about a feed that could be read nevertheless."""
    for feed, told in warehouse.remarks.items():
        warehouse.connection.execute(
            "UPDATE ops.feed SET reason = concat_ws('; ', reason, ?) WHERE night = ? AND feed = ?",
            [told, warehouse.night, feed],
        )


def _refused(row: Mapping[str, Any], warehouse: Warehouse) -> str:
    """How many of a feed's lines are refused, or of tonight's where it is too many of these alone."""
    if row["rejected_count"] > warehouse.settings.rejected_share_max * row["received_count"]:
        return f"{row['rejected_count']:,} of {row['received_count']:,}"
    new = warehouse.rows(
        """SELECT coalesce(sum(quarter.received_count), 0)::BIGINT AS line_count,
            coalesce(sum(quarter.received_count) FILTER (quarter.is_rejected), 0)::BIGINT AS rejected_count
        FROM raw.delivery
        JOIN raw.delivered_quarter AS quarter USING (delivery_no)
        WHERE delivery.feed = ? AND delivery.status IN ('new', 'changed') AND delivery.first_seen_on = ?""",
        [row["feed"], warehouse.night],
    )[0]
    return f"{new['rejected_count']:,} of the {new['line_count']:,} new"


def _refused_for(feed: str, warehouse: Warehouse) -> str:
    """What is wrong with most of a feed's refused lines, their number, and what to ask."""
    found = warehouse.rows(
        """SELECT rule, broken, count(*) AS line_count
        FROM raw.rejected_event JOIN raw.reject_rule ON reject_rule.name = rejected_event.rule
        WHERE feed = ? GROUP BY rule, broken, bit ORDER BY line_count DESC, bit LIMIT 1""",
        [feed],
    )
    if not found:
        return ""
    told = f"{found[0]['broken']} ({found[0]['line_count']:,})"
    return f"{told}: {QUESTIONS[found[0]['rule']]}" if found[0]["rule"] in QUESTIONS else told


def tell_shared_cases(warehouse: Warehouse) -> None:
    """Notes in `ops.feed` the cases that feeds of several providers share: handed over, or strangers of one number."""
    for row in warehouse.rows(
        """WITH shared AS (
            SELECT DISTINCT event.case_key, event.feed::VARCHAR AS feed, feed.provider
            FROM core.event
            JOIN core.feed ON feed.feed = event.feed::VARCHAR
            SEMI JOIN (FROM core.trace WHERE provider_count > 1) AS trace USING (case_key)
        )
        SELECT
            one.feed,
            count(DISTINCT case_key) AS case_count,
            string_agg(DISTINCT other.feed, ', ' ORDER BY other.feed) AS others
        FROM shared AS one
        JOIN shared AS other USING (case_key)
        WHERE one.provider <> other.provider
        GROUP BY one.feed
        ORDER BY one.feed"""
    ):
        told = (
            f"{row['case_count']:,} of its cases also stand in {row['others']}; if its numbers are its own, "
            "give the feeds processes of their own"
        )
        warehouse.connection.execute(
            """UPDATE ops.feed SET shared_case_count = ?, reason = concat_ws('; ', reason, ?)
            WHERE night = ? AND feed = ? AND status <> 'blocked' AND shared_case_count IS NULL""",
            [row["case_count"], told, warehouse.night, row["feed"]],
        )


def tell_contradicted_completions(warehouse: Warehouse) -> None:
    """Notes in `ops.feed` whose completions would tell other times than the same steps take where they are measured."""
    for row in warehouse.rows(
        "SELECT feed::VARCHAR AS feed, completion_count FROM core.handling_trust WHERE doubt = 'measured otherwise'"
    ):
        told = (
            f"{row['completion_count']:,} of its lines have no start, and hours told from their ends are not what the "
            "same steps take where they are measured, so none are counted of them; ask for started_at"
        )
        warehouse.connection.execute(
            """UPDATE ops.feed SET reason = concat_ws('; ', reason, ?)
            WHERE night = ? AND feed = ? AND status <> 'blocked' AND NOT contains(coalesce(reason, ''), ?)""",
            [told, warehouse.night, row["feed"], told],
        )
