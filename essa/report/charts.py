"""Two charts as SVG text: the hours each lever takes off, and providers side by side. Colours are the page's own.

The engine that draws sees figures and our own words only. Labels take their places afterwards, escaped: it measures
text, and a control character in one would end the whole process.
"""

from __future__ import annotations

import functools
import html
import json
import re
from typing import Any

from essa import in_words
from essa.report.asked import Row

FONT = "Arial"  # measured with; taken out again, so that the page's own type rules
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")
MINUS = "\u2212"
TABLE = "rows"
LABELS = {"wide": 190, "narrow": 130}
WIDTHS = {"waterfall": {"wide": 310, "narrow": 130}, "providers": {"wide": 300, "narrow": 150}}
PLAIN = {"title": None, "domain": False, "ticks": False}


def waterfall(steps: list[Row]) -> dict[str, str]:
    """From all hours to what is left, wide and narrow."""
    values, top = [], 0.0
    for row in steps:
        is_total = row["step"] in ("all", "left")
        top = row["hours"] if is_total else top
        low = 0.0 if is_total else top - row["hours"]
        said = f"{'' if is_total or not row['hours'] else MINUS}{row['said']}"
        if row["hours"] and row["step"] != "all":
            said += f" ({row['share']})"
        tint = "var(--total)" if is_total else "var(--strong)" if row["step"] == "live" else f"var(--{row['step']})"
        values.append({"step": row["label"], "low": low, "high": top, "said": said, "tint": tint})
        top = top if is_total else low
    return {size: _drawn(_waterfall(width), values, f"w{size[0]}") for size, width in WIDTHS["waterfall"].items()}


@functools.cache
def _waterfall(width: int) -> str:
    import altair as alt

    base = alt.Chart(alt.NamedData(TABLE)).encode(y=alt.Y("step:N", sort=None, axis=_labels(90)))
    bars = base.mark_bar(height=22, cornerRadius=1).encode(
        x=alt.X("low:Q", axis=_scale(width)), x2="high:Q", color=alt.Color("tint:N", scale=None)
    )
    said = base.mark_text(align="left", dx=6, fontSize=13, fontWeight=600, color="var(--ink)").encode(
        x="high:Q", text="said:N"
    )
    return _compiled((bars + said).properties(width=width, height=alt.Step(38)))


def providers(compared: list[Row], names: list[str]) -> dict[str, str]:
    """Typical minutes of each step by provider, a mark a provider; wide and narrow."""
    values = [
        {
            "step": f"s{number}",
            "minutes": round(row["adjusted_handling_s"] / 60, 2),
            "shape": SHAPES[names.index(row["provider"]) % len(SHAPES)],
            "tint": f"var(--p{names.index(row['provider']) % len(SHAPES)})",
        }
        for number, step in enumerate(compared)
        for row in step["providers"]
    ]
    drawn = {}
    for size, width in WIDTHS["providers"].items():
        labels = [in_words.fitted(in_words.pictured(step["activity"]), LABELS[size]) for step in compared]
        drawn[size] = re.sub(
            r">s(\d+)</text>",
            lambda found, labels=labels: f">{html.escape(labels[int(found[1])])}</text>",
            _drawn(_providers(width, LABELS[size]), values, f"v{size[0]}"),
        )
    return drawn


@functools.cache
def _providers(width: int, label_width: int) -> str:
    import altair as alt

    labels = _labels(label_width)
    base = alt.Chart(alt.NamedData(TABLE)).encode(y=alt.Y("step:N", sort=None, axis=labels))
    lines = base.mark_rule(color="var(--strong)", strokeWidth=1.5).encode(x="min(minutes):Q", x2="max(minutes):Q")
    marks = base.mark_point(filled=True, size=70, opacity=1).encode(
        x=alt.X("minutes:Q", axis=_scale(width)),
        shape=alt.Shape("shape:N", scale=None),
        color=alt.Color("tint:N", scale=None),
    )
    return _compiled((lines + marks).properties(width=width, height=alt.Step(28)))


def _labels(width: int) -> Any:
    import altair as alt

    return alt.Axis(
        **PLAIN, labelPadding=8, labelColor="var(--ink)", labelFontSize=13, minExtent=width + 8, maxExtent=width + 8
    )


def _scale(width: int) -> Any:
    import altair as alt

    ticks = 4 if width > 250 else 2
    return alt.Axis(
        **PLAIN, tickCount=ticks, format=",~f", gridColor="var(--line)", labelColor="var(--muted)", labelFontSize=12
    )


def _compiled(chart: Any) -> str:
    """The chart as Vega, without rows: what takes long is done once a kind."""
    import altair as alt
    import vl_convert

    whole = chart.configure(background="transparent", font=FONT).configure_view(stroke=None)
    return json.dumps(vl_convert.vegalite_to_vega(whole.to_dict(), vl_version=alt.SCHEMA_VERSION.lstrip("v")[:3]))


def _drawn(compiled: str, values: list[Row], prefix: str) -> str:
    """SVG whose ids are the page's alone, whose type is the page's, and which a reader's voice skips."""
    import vl_convert

    vega = json.loads(compiled)
    next(table for table in vega["data"] if table["name"] == TABLE)["values"] = values
    drawn = vl_convert.vega_to_svg(vega)
    drawn = re.sub(r' font-family="[^"]*"', "", drawn)
    drawn = re.sub(r'\b(id="|url\(#|xlink:href="#)', rf"\g<1>{prefix}-", drawn)
    drawn = re.sub(r' (?:role|aria-\w+)="[^"]*"', "", drawn)
    return drawn.replace("<svg ", '<svg aria-hidden="true" ', 1)
