"""Each process as the page shows it: its map, variants, hand-overs, providers, waiting and what decides in it."""

from __future__ import annotations

import itertools
from collections.abc import Collection

import duckdb

from essa import in_words
from essa.report import layout
from essa.report.asked import Row, by, listed, rows

MOST_DRAWN = 100  # processes; each takes some 40 kB of the page and a third of a second
VARIANTS = 10
HANDOVERS = 40
COMPARED = 14
WAITING_STEPS = 8
CAUSES = {
    "provider": "Handed to another provider",
    "person": "Handed to another person",
    "same": "Left lying by the same person",
    "robot": "Software before or after",
    "unknown": "Nobody named before or after",
}


def read(connection: duckdb.DuckDBPyConnection, spoken_of: Collection[str] = ()) -> list[Row]:
    """Every process, the one with most executions first; of very many, those spoken of and the largest are drawn."""
    steps = by(rows(connection, STEP), "process")
    edges = by(rows(connection, EDGE), "process")
    ends = by(rows(connection, END), "process")
    variants = by(rows(connection, VARIANT, [VARIANTS]), "process")
    compared = by(rows(connection, COMPARISON), "process")
    few = {(row["kind"], *row["name"]) for row in listed(connection, "mart.small_group", SMALL_GROUP, SMALL_GROUP)}
    told = [row for row in rows(connection, WAIT) if ("process, activity", row["process"], row["name"]) not in few]
    waits = by(told, "process")
    causes = by([row for row in rows(connection, CAUSE) if ("process", row["process"]) not in few], "process")
    decisions = by(_decisions(connection), "process")
    copied = by(listed(connection, "mart.copied_value", COPIED, COPIED[:3]), "process")
    routines = by(listed(connection, "mart.routine", ROUTINE, ("process", "routine_id")), "process")
    size = {name: sum(row["event_count"] for row in held) for name, held in steps.items()}
    drawn = sorted(steps, key=lambda name: (name not in spoken_of, -size[name], name))[:MOST_DRAWN]
    found = []
    for name in sorted(steps, key=lambda name: (-size[name], name)):
        flow = {"name": name, "pid": f"p{len(found)}", "event_count": size[name], "is_drawn": name in drawn}
        found.append(flow)
        if not flow["is_drawn"]:
            continue
        followed = edges.get(name, [])
        flow |= {
            "map": layout.levels(steps[name], followed, ends.get(name, [])),
            "handovers": followed[:HANDOVERS],
            "handover_count": len(followed),
            **_ways(variants.get(name, [])),
            "compared": _widest(compared.get(name, [])),
            "waits": _parts(waits.get(name, []))[:WAITING_STEPS],
            "causes": _parts(causes.get(name, [])),
            "decisions": [row for row in decisions.get(name, []) if row["verdict"] != "abstains"],
            "abstaining_count": sum(row["verdict"] == "abstains" for row in decisions.get(name, [])),
            "copied": copied.get(name, []),
            "routines": sorted(routines.get(name, []), key=lambda row: -(row["handling_h"] or 0)),
        }
    return found


# Counts come from the profile and the variants, which are small, and not from the executions
STEP = """SELECT process::VARCHAR AS process, activity::VARCHAR AS activity, sum(event_count)::BIGINT AS event_count,
    sum(handling_h) AS handling_h, max(passed.case_count)::BIGINT AS case_count
FROM mart.activity_profile
LEFT JOIN (
    SELECT process, activity, sum(case_count) AS case_count
    FROM (SELECT process, case_count, unnest(list_distinct(activities)) AS activity FROM core.variant)
    GROUP BY ALL
) AS passed USING (process, activity)
GROUP BY ALL ORDER BY process, case_count DESC, event_count DESC, activity"""
EDGE = """SELECT process::VARCHAR AS process, activity::VARCHAR AS activity, next_activity::VARCHAR AS next_activity,
    event_count, median_waiting_s
FROM core.directly_follows ORDER BY process, event_count DESC, activity::VARCHAR, next_activity::VARCHAR"""
END = """SELECT process::VARCHAR AS process, 'first' AS place, first_activity::VARCHAR AS activity,
    count(*) AS case_count
FROM core.trace GROUP BY ALL
UNION ALL
SELECT process::VARCHAR, 'last', last_activity::VARCHAR, count(*) FROM core.trace WHERE NOT is_open GROUP BY ALL
ORDER BY ALL"""
VARIANT = """SELECT process::VARCHAR AS process, activities, case_count, case_share,
    count(*) OVER (PARTITION BY process) AS variant_count
FROM core.variant
QUALIFY row_number() OVER (PARTITION BY process ORDER BY case_count DESC, variant_id) <= ?
ORDER BY process::VARCHAR, case_count DESC, variant_id"""
COMPARISON = """SELECT process::VARCHAR AS process, activity::VARCHAR AS activity, provider::VARCHAR AS provider,
    best_provider::VARCHAR AS best_provider, event_count, adjusted_handling_s, best_handling_s, excess_h, handling_h,
    ratio, is_claimed, is_question
FROM mart.provider_comparison ORDER BY ALL"""
WAIT = """SELECT process::VARCHAR AS process, activity::VARCHAR AS name, sum(waiting_s)::BIGINT AS waiting_s
FROM core.activity_instance WHERE waiting_s > 0 GROUP BY ALL ORDER BY process, waiting_s DESC, name"""
# A sample of cases, as the person before each step has to be looked up within its case
CAUSE = """WITH size AS (
    SELECT process, greatest(1, count(*) // 20000)::UBIGINT AS one_in FROM core.trace GROUP BY process
),
step AS (
    SELECT process, waiting_s, provider, resource, is_robot,
        lag(provider) OVER case_w AS provider_before, lag(resource) OVER case_w AS resource_before,
        lag(is_robot) OVER case_w AS is_robot_before
    FROM core.activity_instance JOIN size USING (process)
    WHERE hash(case_id) % one_in = 0
    WINDOW case_w AS (PARTITION BY process, case_id ORDER BY position)
)
SELECT process::VARCHAR AS process,
    CASE
        WHEN is_robot OR is_robot_before THEN 'robot'
        WHEN provider <> provider_before THEN 'provider'
        WHEN resource = resource_before THEN 'same'
        WHEN resource <> resource_before THEN 'person'
        ELSE 'unknown'
    END AS name,
    sum(waiting_s)::BIGINT AS waiting_s
FROM step WHERE waiting_s > 0 GROUP BY ALL ORDER BY process, waiting_s DESC, name"""
SMALL_GROUP = ("kind", "name")  # what too few people do is not told
ROUTINE = ("routine_id", "process", "activities", "support_count", "coverage_share", "handling_h")
COPIED = (
    "process", "from_attribute", "to_attribute", "kind", "says", "from_activity", "to_activity", "from_system",
    "to_system", "case_count", "slip_share",
)  # fmt: skip
# What can be acted on first; those that abstain are only counted
VERDICTS = (
    "rule", "capture_input_earlier", "standardize_first", "missing_master_data", "fixed_flow", "unexplained",
)  # fmt: skip
DECISION = ("process", "activity", "decides", "verdict", "reason", "event_count")


def _decisions(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """What decides at each activity, or what stands in the way, where the publication says so."""
    found = [row for row in listed(connection, "mart.decision", DECISION, DECISION[:3]) if row["verdict"]]
    places = {verdict: place for place, verdict in enumerate(VERDICTS)}
    return sorted(found, key=lambda row: (places.get(row["verdict"], len(places)), -(row["event_count"] or 0)))


def _parts(found: list[Row]) -> list[Row]:
    """Waits as parts of all waiting of the process."""
    waits = [row["waiting_s"] for row in found]
    return [
        row | {"name": CAUSES.get(row["name"], row["name"]), "part": row["waiting_s"] / sum(waits), "share": share}
        for row, share in zip(found, in_words.shares(waits), strict=True)
    ]


def _ways(found: list[Row]) -> Row:
    """The commonest ways through, with what each makes of the cases, and all others together."""
    parts = [row["case_share"] for row in found]
    *shares, rest = in_words.shares([*parts, max(0, 1 - sum(parts))])
    return {"variants": [row | {"share": share} for row, share in zip(found, shares, strict=True)], "rest_share": rest}


def _widest(found: list[Row]) -> list[Row]:
    """The steps several providers do that take most hours, each with its providers; at most as many as can be read."""
    steps = by(found, "activity")
    ranked = sorted(steps, key=lambda step: (-sum(row["excess_h"] for row in steps[step]), -_hours(steps[step]), step))
    return [{"activity": step, "providers": steps[step]} for step in ranked[:COMPARED]]


def _hours(found: list[Row]) -> float:
    return sum(row["handling_h"] for row in found)


def marked(one: Row, flow: Row) -> Row:
    """The steps and hand-overs of a candidate on the map of its process, as the map numbers them."""
    if not flow["is_drawn"]:
        return {"steps": [], "edges": []}
    number = {step["name"]: place for place, step in enumerate(flow["map"]["steps"])}
    steps = [number[name] for name in one["activities"] if name in number]
    wanted = set(itertools.pairwise(steps))
    wanted |= {
        (number[rule["activity"]], number[rule["predicts"]]) for rule in one["rules"] if rule["predicts"] in number
    }
    for corrector in one["correctors"]:
        if corrector in number:
            wanted |= {pair for step in steps for pair in ((step, number[corrector]), (number[corrector], step))}
    drawn = {(edge[0], edge[1]) for edge in flow["map"]["edges"]}
    edges = sorted(wanted & drawn)
    return {"steps": sorted({*steps, *(node for edge in edges for node in edge)}), "edges": edges}
