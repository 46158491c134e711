"""One rule of a contract, and the SQL that is true for a row that breaks it.

The names and arguments of rules are Great Expectations' own; `condition` alone is ours, a short form of
UnexpectedRowsExpectation that says which rows are bad.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from string import Formatter
from typing import Any

from essa.errors import ContractBroken

SEVERITIES = ("reject", "block", "stop", "warn")
META = ("why", "severity", "name", "broken")
NOT_NULL = "ExpectColumnValuesToNotBeNull"
UNIQUE = ("ExpectColumnValuesToBeUnique", "ExpectCompoundColumnsToBeUnique")


@dataclass(frozen=True)
class Rule:
    """One claim about a table; `arguments` are the expectation's own, `condition` is true for a row that breaks it.

    `broken` says of such a row what is wrong with it, where the rule refuses rows.
    """

    table: str
    name: str
    severity: str
    why: str
    expectation: str
    arguments: dict[str, Any]
    condition: str | None = None
    broken: str | None = None


def read_rule(table: str, expectation: str, how: Mapping[str, Any], meta: Mapping[str, Any] | None = None) -> Rule:
    """A rule as written; refused by name where its expectation, meta or condition is unknown or missing."""
    arguments = {name: value for name, value in how.items() if name not in ("meta", "condition")}
    meta = meta or how.get("meta") or {}
    where = f"{table}: {_short_name(expectation, arguments)}"
    if expectation not in expectation_names():
        raise ContractBroken(
            f"{table}: no expectation is called {expectation}{nearest(expectation, expectation_names())}"
        )
    if strangers := meta.keys() - META:
        stranger = min(strangers)
        raise ContractBroken(f"{where}: meta has no {stranger}{nearest(stranger, META)}")
    if not meta.get("why"):
        raise ContractBroken(f"{where}: a rule without a reason", do="write meta.why, in one sentence")
    severity = meta.get("severity", "stop")
    if severity not in SEVERITIES:
        raise ContractBroken(f"{where}: no severity is called {severity}", do=f"write one of {', '.join(SEVERITIES)}")
    condition = how.get("condition")
    if expectation == "UnexpectedRowsExpectation":
        arguments["unexpected_rows_query"] = _rows_query(where, condition, arguments.get("unexpected_rows_query"))
    elif condition is not None:
        raise ContractBroken(f"{where}: only UnexpectedRowsExpectation takes a `condition`")
    name = meta.get("name") or _short_name(expectation, arguments)
    rule = Rule(table, name, severity, meta["why"], expectation, arguments, condition, meta.get("broken"))
    if severity == "reject":
        bad_row_sql(rule)
    return rule


def bad_row_sql(rule: Rule) -> str:
    """An SQL boolean that is true for a row that breaks the rule, and false, never NULL, for every other."""
    if rule.condition is not None:
        return f"coalesce(({rule.condition}), false)"
    if rule.expectation not in ROW_RULES:
        raise _no_row_rule(rule, "it says nothing about a single row")
    make, needed, optional = ROW_RULES[rule.expectation]
    if strangers := rule.arguments.keys() - needed - optional - COMMENTARY:
        raise _no_row_rule(rule, f"it uses {', '.join(sorted(strangers))}")
    if missing := [name for name in sorted(needed) if not rule.arguments.get(name)]:
        raise _no_row_rule(rule, f"it lacks {', '.join(missing)}")
    return f"coalesce({make(rule.arguments)}, false)"


def is_about_rows(rule: Rule) -> bool:
    """Whether the rule can be told from one row, by `bad_row_sql`."""
    if rule.condition is not None:
        return True
    _, needed, optional = ROW_RULES.get(rule.expectation, (None, set(), set()))
    is_whole = bool(needed) and all(rule.arguments.get(name) for name in needed)
    return is_whole and rule.arguments.keys() <= needed | optional | COMMENTARY


def is_about_keys(rule: Rule) -> bool:
    """Whether the rule says of some columns, and of nothing else, that no two rows are alike in them."""
    return rule.expectation in UNIQUE and rule.arguments.keys() <= KEYS | COMMENTARY


def only_rows_break(rule: Rule) -> bool:
    """Whether a table without rows meets the rule, whatever it says."""
    return rule.expectation in UNIQUE or is_about_rows(rule)


def _no_row_rule(rule: Rule, because: str) -> ContractBroken:
    do = "use another severity, or UnexpectedRowsExpectation with a `condition`"
    return ContractBroken(f"{rule.table}: the rule '{rule.name}' cannot refuse a row", because=because, do=do)


def _not_between(arguments: Mapping[str, Any]) -> str:
    column = quoted(arguments["column"])
    parts = []
    if (low := arguments.get("min_value")) is not None:
        parts.append(f"{column} {'<=' if arguments.get('strict_min') else '<'} {literal(low)}")
    if (high := arguments.get("max_value")) is not None:
        parts.append(f"{column} {'>=' if arguments.get('strict_max') else '>'} {literal(high)}")
    return f"({' OR '.join(parts) or 'false'})"


def _not_in_set(arguments: Mapping[str, Any]) -> str:
    return f"({quoted(arguments['column'])} NOT IN ({', '.join(map(literal, arguments['value_set']))}))"


def _not_greater(arguments: Mapping[str, Any]) -> str:
    sign = "<" if arguments.get("or_equal") else "<="
    return f"({quoted(arguments['column_A'])} {sign} {quoted(arguments['column_B'])})"


COMMENTARY = {"description", "notes"}
KEYS = {"column", "column_list"}  # what a rule of UNIQUE names its columns by

# How a bad row is told, then the arguments a rule must have and those it may have.
ROW_RULES = {
    NOT_NULL: (lambda arguments: f"({quoted(arguments['column'])} IS NULL)", {"column"}, set()),
    "ExpectColumnValuesToBeBetween": (
        _not_between,
        {"column"},
        {"min_value", "max_value", "strict_min", "strict_max"},
    ),
    "ExpectColumnValuesToBeInSet": (_not_in_set, {"column", "value_set"}, set()),
    "ExpectColumnPairValuesAToBeGreaterThanB": (_not_greater, {"column_A", "column_B"}, {"or_equal"}),
}


def rows_query(condition: str) -> str:
    """The query Great Expectations runs for a condition; it formats the text, so braces of SQL are doubled."""
    return _of_batch("*", condition)


def broken_query(condition: str, unique: Iterable[Rule]) -> str:
    """A query without rows where no row meets the condition and every one of these rules holds.

    It may find rows though all hold, for here an unknown value is like another, and so is one of the same hash.
    """
    parts = [_of_batch("1", condition)] if condition else []
    for rule in unique:
        columns = rule.arguments.get("column_list") or [rule.arguments["column"]]
        parts.append(f"SELECT 1 FROM {{batch}} GROUP BY hash({', '.join(map(quoted, columns))}) HAVING count(*) > 1")
    return " UNION ALL ".join(parts)


def _of_batch(what: str, condition: str) -> str:
    return _without_parameters(f"SELECT {what} FROM {{batch}} WHERE {condition.replace('{', '{{').replace('}', '}}')}")


def _rows_query(where: str, condition: str | None, query: str | None) -> str:
    if (condition is None) == (query is None):
        raise ContractBroken(f"{where}: needs either `condition` or `unexpected_rows_query`")
    if condition is not None:
        return rows_query(condition)
    try:
        fields = {field for _, field, _, _ in Formatter().parse(query) if field is not None}
    except ValueError:
        fields = set()
    if fields != {"batch"}:
        raise ContractBroken(
            f"{where}: its query must read from {{batch}} and from nothing else in braces",
            do="write FROM {batch}, and double every other brace: {{8}}",
        )
    return _without_parameters(query)


def _without_parameters(query: str) -> str:
    """SQLAlchemy would take `:name` for a parameter, in a text such as `'a :b'` too."""
    return re.sub(r"(?<![:\w\\]):(?=\w)", r"\:", query)


def _short_name(expectation: str, arguments: Mapping[str, Any]) -> str:
    """`handling_s between`, from the columns and the telling words of the expectation's name."""
    if expectation == "UnexpectedRowsExpectation":
        return arguments.get("description") or "unexpected rows"
    if "column_A" in arguments and "column_B" in arguments and expectation.endswith("GreaterThanB"):
        return f"{arguments['column_A']} {'at least' if arguments.get('or_equal') else 'above'} {arguments['column_B']}"
    columns = [arguments[key] for key in ("column", "column_A", "column_B") if key in arguments]
    columns += arguments.get("column_list") or []
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", expectation).lower().split()
    telling = [word for word in words if word not in SILENT_WORDS]
    return " ".join([", ".join(map(str, columns)), *telling]).strip()


SILENT_WORDS = {"expect", "column", "columns", "compound", "multicolumn", "pair", "values", "to", "be"}


@cache
def expectation_names() -> tuple[str, ...]:
    """The names Great Expectations exports, read from its source: importing it takes seconds."""
    package = Path(find_spec("great_expectations").origin).parent
    tree = ast.parse((package / "expectations" / "core" / "__init__.py").read_text(encoding="utf-8"))
    imported = [alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names]
    return tuple(sorted(name for name in imported if name.startswith(("Expect", "Unexpected"))))


def nearest(name: str, known: Iterable[str]) -> str:
    found = get_close_matches(name, list(known), n=1)
    return f"; did you mean {found[0]}?" if found else ""


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(value: Any) -> str:
    if isinstance(value, bool | int | float):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"
