"""One direction of imports, SQL where it belongs, one contract a table; every detector is shown what it should find."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted(path for layer in ("essa", "tasks", "flows") for path in (ROOT / layer).rglob("*.py"))
QUERIES = sorted((ROOT / "sql").glob("*/*.sql"))
CONTRACTS = sorted((ROOT / "expectations").glob("*/*.yml"))
FORBIDDEN = {"essa": ("prefect", "tasks", "flows"), "tasks": ("flows",), "flows": ()}

# Modules whose text may hold SQL, each with what it is needed for.
HOLDS_SQL = {
    "essa/warehouse.py": "runs the SQL files",
    "essa/memory.py": "carries the tables that outlive a night from file to file",
    "essa/delivery.py": "the one statement that sees originals is made of the feed's own columns",
    "essa/staging.py": "the statement that takes a row past the door, made of the feed's own columns",
    "essa/looks.py": "the looks at the texts of a file, made of tonight's names",
    "essa/reading/source.py": "how DuckDB scans Parquet",
    "essa/reading/opened.py": "the rows of a file as texts, made of its columns",
    "essa/reading/lines.py": "how DuckDB scans JSON lines",
    "essa/reading/ocel_sqlite.py": "reads the tables of an OCEL log",
    "essa/reading/times.py": "how one text becomes an instant",
    "essa/fetching/query.py": "whether rows of a query came before",
    "essa/glance.py": "reads a few rows of a file",
    "essa/redaction.py": "the door's macros",
    "essa/belief.py": "marks blocked feeds by the rules of a contract",
    "essa/pulling.py": "reads what was delivered before",
    "essa/rotation.py": "forgets what a key told apart",
    "essa/retention.py": "writes a kept delivery without what is too old",
    "essa/contract.py": "CREATE TABLE and comments from a contract",
    "essa/contract_rule.py": "the condition of a rule",
    "essa/expectations_on_duckdb.py": "measures what a rule found",
    "essa/duckdb_dialect.py": "the dialect Great Expectations speaks",
    "essa/publication.py": "copies the published tables",
    "essa/small_groups.py": "empties what is withheld",
    "essa/partition.py": "copies one process's part of some tables",
    "essa/night.py": "closed vocabularies of a night",
    "essa/naming/tonight.py": "gathers the names of a night",
    "essa/benefits/measured.py": "reads the weeks of live candidates",
    "essa/routines/desktop.py": "reads the events that cases are found in, and gives them those",
    "essa/routines/told.py": "reads what a work instruction says of a routine",
    "essa/routines/found.py": "reads what a step is worth",
    "essa/routines/variants.py": "reads the variants that routines are found in",
    "essa/routines/matching.py": "reads the routines whose runs are told",
    "essa/rules/reading.py": "how a text is read, the same for the learner and the log",
    "essa/rules/sample.py": "reads the samples that rules are learned on",
    "essa/rules/seen.py": "what was known at an execution, made of the inputs a rule reads; it stands in its evidence",
    "essa/rules/counts.py": "asks conditions that were learned tonight of every execution",
    "essa/rules/evidence.py": "the evidence of conditions that were learned tonight",
    "essa/summary.py": "small results for people",
    "essa/report/asked.py": "what the published file says of its columns",
    "essa/report/providers.py": "what the page and the terminal ask of the published file",
    "essa/report/candidates.py": "what the page and the terminal ask of the published file",
    "essa/report/health.py": "what the page asks of it",
    "essa/report/lacking.py": "what a candidate's log lacks for its pattern",
    "essa/report/processes.py": "what the page asks of it",
    "essa/report/week.py": "what the week asks of it, and of the candidates of an earlier night",
    "essa/report/page.py": "which run it is",
    "flows/cli.py": "small results for people",
    "tasks/pull.py": "one count for the log",
}
# Tables that Python fills, from what no SQL can know.
FILLED = {
    "raw.delivery", "raw.event", "raw.expired", "raw.pull_trouble", "raw.refused_line", "raw.reject_rule", "core.feed",
    "core.activity_label",
    "core.label_group", "core.label_pair", "core.label_review", "ops.label_verdict",
    "ops.run", "ops.expectation", "ops.decision", "ops.currency",
    "core.desktop_event", "mart.routine_step", "mart.routine_match", "mart.routine_identity",
    "mart.attribute_reading", "mart.known_number", "mart.rule_branch", "mart.rule_count", "mart.decision_contrast",
    "mart.rule_evidence",
    "mart.identity", "mart.displacement", "mart.benefit",
}  # fmt: skip
SQL = re.compile(
    r"\b(SELECT\b[\s\S]*?\bFROM|INSERT\s+INTO|CREATE\s+(OR\s+REPLACE\s+)?(TABLE|VIEW|TEMP|TYPE|SCHEMA)|UPDATE\s+\w+\.\w+\s+SET"
    r"|DELETE\s+FROM|COPY\s+\(|ATTACH\s+|DESCRIBE\s+)"
)
LONGEST_MODULE, LONGEST_FUNCTION = 280, 60


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(code: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in (
            "import_module",
            "__import__",
        ):
            yield from (arg.value for arg in node.args if isinstance(arg, ast.Constant))


def forbidden_imports(layer: str, code: str) -> list[str]:
    return [name for name in imports(code) if name.split(".")[0] in FORBIDDEN[layer]]


def sql_in(code: str) -> list[str]:
    """SQL in the strings of a module, docstrings apart."""
    tree = ast.parse(code)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            text = "".join(part.value if isinstance(part, ast.Constant) else " x.y " for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside | docstrings:
            text = node.value
        else:
            continue
        found += [match[0] for match in SQL.finditer(text)]
    return found


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_imports_go_one_way(path):
    assert forbidden_imports(named(path).split("/")[0], path.read_text()) == []


@pytest.mark.parametrize(
    ("layer", "code"),
    [
        ("essa", "import prefect.artifacts"),
        ("essa", "def f():\n    from tasks import pull"),
        ("essa", "import importlib\nimportlib.import_module('flows.nightly')"),
        ("tasks", "if True:\n    from flows.nightly import nightly"),
    ],
)
def test_a_wrong_import_is_found_wherever_it_hides(layer, code):
    assert forbidden_imports(layer, code)


def test_sql_stands_only_where_it_is_said_to():
    holders = {named(path) for path in MODULES if sql_in(path.read_text())}
    assert holders - HOLDS_SQL.keys() == set()
    assert {name for name in HOLDS_SQL if not (ROOT / name).exists()} == set()


@pytest.mark.parametrize(
    "code",
    [
        'x = "SELECT 1 FROM t"',
        'x = f"INSERT INTO {t} VALUES (1)"',
        'x = f"""SELECT {a}\nFROM {b}"""',
        'f("CREATE TABLE t (a INT)")',
    ],
)
def test_sql_in_a_text_is_found(code):
    assert sql_in(code)


def test_words_in_a_docstring_are_no_sql():
    assert sql_in('"""SELECT rows FROM a table."""\nx = "choose from"') == []


# Tables


def tables(paths: list[Path]) -> set[str]:
    return {f"{path.parent.name}.{path.stem}" for path in paths}


def test_every_query_has_its_contract_and_every_contract_its_query():
    assert tables(QUERIES) - tables(CONTRACTS) == set()
    assert tables(CONTRACTS) - tables(QUERIES) == FILLED


def test_every_table_of_the_night_is_built_once_and_every_query_is_run():
    from essa import night, order
    from essa.naming.tonight import ASKING

    listed = ["core.label_spelling", "core.label_case_id", *ASKING, *order.CORE, *order.MART]
    assert len(listed) == len(set(listed))
    queries = {table for table in tables(QUERIES) if table.startswith(("core.", "mart."))}
    assert set(listed) == queries | night.MADE.keys()


def statements(sql: str) -> list:
    with duckdb.connect() as connection:
        return connection.extract_statements(sql)


@pytest.mark.parametrize("path", QUERIES, ids=named)
def test_a_query_is_one_select_that_says_what_a_row_is(path):
    sql = path.read_text()
    assert re.match(rf"-- {path.parent.name}\.{path.stem}: \w.+\.\n", sql), "its first line names the table and its row"
    found = statements(sql)
    assert len(found) == 1 and found[0].type == duckdb.StatementType.SELECT
    assert not sql.rstrip().endswith(";")
    assert not re.search(r"\{\{|\{%", sql), "a template"


def test_two_statements_and_other_statements_are_found():
    assert len(statements("SELECT 1; SELECT 2")) == 2
    assert statements("DELETE FROM t")[0].type != duckdb.StatementType.SELECT


# Sizes and names


def long_functions(code: str) -> list[str]:
    return [
        node.name
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
    ]


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_module_is_short_and_begins_with_what_comes_out(path):
    code = path.read_text()
    assert len(code.splitlines()) <= LONGEST_MODULE
    assert long_functions(code) == []
    assert path.name == "__init__.py" or ast.get_docstring(ast.parse(code))
    assert not {"utils", "common", "helpers", "misc"} & {path.stem, *path.parts}


def test_a_long_function_is_found():
    assert long_functions("def f():\n" + "    x = 1\n" * 70) == ["f"]


def test_no_two_tests_of_a_module_share_a_name():
    for path in sorted((ROOT / "tests").glob("test_*.py")):
        names = [node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)]
        assert len(names) == len(set(names)), path.name
