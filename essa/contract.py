"""What a table promises, read from its contract: its columns, its grain, and its rules with the reason for each.

One file, `expectations/<layer>/<table>.yml`, gives the DDL, the comments, the rules Great Expectations judges and the
SQL that refuses a bad row, so none of them can say something else than the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from essa.contract_rule import NOT_NULL, Rule, bad_row_sql, literal, nearest, quoted, read_rule
from essa.errors import ContractBroken

__all__ = [
    "Column", "Contract", "Rule", "all_contracts", "bad_row_sql", "comments", "ddl", "literal", "load", "parse",
    "quoted",
]  # fmt: skip

CONTRACTS = Path(__file__).parent.parent / "expectations"
Text = Annotated[str, Field(min_length=1)]


class Column(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Text
    description: Text
    is_required: bool = False
    is_published: bool = True
    is_withheld: bool = False  # it tells how people work: published empty where they are too few
    expect: dict[str, dict[str, Any]] = {}

    @property
    def says(self) -> str:
        return f"{self.description} Withheld of too few people." if self.is_withheld else self.description


class Contract(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    table: Annotated[str, Field(pattern=r"^[a-z]\w*\.[a-z]\w*$")]
    description: Text
    grain: tuple[str, ...]
    kind: Literal["table", "view"] = "table"
    is_published: bool
    people: tuple[dict[str, str], ...] = ()  # whose work a row is about: kinds of mart.small_group, and its own columns
    withheld_rows: str = ""  # those of them that are left out whole where they are too few
    columns: Annotated[dict[str, Column], Field(min_length=1)]
    expect: tuple[Annotated[dict[str, dict[str, Any]], Field(min_length=1, max_length=1)], ...] = ()

    def rules(self) -> tuple[Rule, ...]:
        """Every rule: the grain, the required columns, then the written ones in the order of the file."""
        rules = []
        if len(self.grain) == 1:
            rules.append(read_rule(self.table, "ExpectColumnValuesToBeUnique", {"column": self.grain[0]}, WHY_GRAIN))
        elif self.grain:
            rules.append(
                read_rule(self.table, "ExpectCompoundColumnsToBeUnique", {"column_list": [*self.grain]}, WHY_GRAIN)
            )
        for name, column in self.columns.items():
            # A written rule says how severe an empty value is, so it takes the place of the one made here.
            if column.is_required and NOT_NULL not in column.expect:
                rules.append(read_rule(self.table, NOT_NULL, {"column": name}, WHY_REQUIRED))
            rules += [read_rule(self.table, what, {"column": name, **how}) for what, how in column.expect.items()]
        rules += [read_rule(self.table, what, how) for written in self.expect for what, how in written.items()]
        return tuple(rules)


WHY_GRAIN = {"why": "One row is one thing; a second row would count it twice."}
WHY_REQUIRED = {"why": "Every row has one; whatever reads the table relies on it."}


@cache
def load(table: str) -> Contract:
    """The contract of one table, such as `core.trace`."""
    path = CONTRACTS / f"{table.replace('.', '/')}.yml"
    if not path.is_file():
        known = [f"{found.parent.name}.{found.stem}" for found in CONTRACTS.glob("*/*.yml")]
        raise ContractBroken(
            f"{table} has no contract{nearest(table, known)}", do=f"write {path.relative_to(CONTRACTS.parent)}"
        )
    with path.open(encoding="utf-8") as text:
        contract = parse(yaml.load(text, Loader=_OnceOnly))
    if contract.table != table:
        raise ContractBroken(
            f"{path.name} speaks of {contract.table}, not of {table}", do="name the file after its table"
        )
    return contract


def all_contracts() -> dict[str, Contract]:
    """Every table's contract, by the table's name."""
    tables = sorted(f"{path.parent.name}.{path.stem}" for path in CONTRACTS.glob("*/*.yml"))
    return {table: load(table) for table in tables}


def parse(mapping: Mapping[str, Any]) -> Contract:
    """A contract from the mapping its file holds; refused with every mistake named."""
    if not isinstance(mapping, Mapping):
        raise ContractBroken("a contract is a mapping", do="start with `table:`, `description:`, `grain:`, `columns:`")
    table = mapping.get("table")
    layer = str(table).partition(".")[0]
    try:
        contract = Contract.model_validate({"is_published": layer in ("mart", "ops"), **mapping})
    except ValidationError as error:
        raise ContractBroken(
            f"the contract of {table} cannot be read", mistakes="\n".join(map(_mistake, error.errors()))
        ) from None
    if strangers := [name for name in contract.grain if name not in contract.columns]:
        raise ContractBroken(
            f"the grain of {table} names no column: {', '.join(strangers)}{nearest(strangers[0], contract.columns)}"
        )
    names = Counter(rule.name for rule in contract.rules())
    if twins := [name for name, count in names.items() if count > 1]:
        raise ContractBroken(f"{table} has several rules called: {', '.join(twins)}", do="give each its own meta.name")
    return contract


def ddl(contract: Contract, struct_types: Mapping[str, str] = {}, qualified_name: str | None = None) -> str:
    """CREATE TABLE for a contract. Empty values are left to the rules, which can say why."""
    columns = []
    for name, column in contract.columns.items():
        kind = struct_types.get(name) if column.type.upper() == "STRUCT" else column.type
        if kind is None:
            raise ContractBroken(f"{contract.table}.{name} is a STRUCT of unknown fields", do="pass it in struct_types")
        columns.append(f"    {quoted(name)} {kind}")
    return f"CREATE TABLE {qualified_name or _relation(contract.table)} (\n" + ",\n".join(columns) + "\n)"


def comments(contract: Contract, qualified_name: str) -> list[str]:
    """COMMENT ON statements for a published table and its columns; the name comes quoted where it must be."""
    return [f"COMMENT ON TABLE {qualified_name} IS {literal(contract.description)}"] + [
        f"COMMENT ON COLUMN {qualified_name}.{quoted(name)} IS {literal(column.says)}"
        for name, column in contract.columns.items()
        if column.is_published
    ]


def _mistake(error: Mapping[str, Any]) -> str:
    place = [str(part) for part in error["loc"]]
    if error["type"] == "extra_forbidden":
        known = Contract.model_fields if len(place) == 1 else Column.model_fields
        # In a one-line mapping a comma ends the text, and what follows it becomes a key.
        hint = "; quote a text that holds a comma" if " " in place[-1] else nearest(place[-1], known)
        return f"{'.'.join(place)}: unknown{hint}"
    return f"{'.'.join(place)}: {error['msg']}"


def _relation(table: str) -> str:
    return ".".join(map(quoted, table.split(".")))


class _OnceOnly(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """YAML keeps the last of two equal keys in silence, which would lose a column's rules."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        keys = Counter(key.value for key, _ in node.value)
        if twice := [key for key, count in keys.items() if count > 1]:
            raise ContractBroken(f"a contract says {', '.join(twice)} twice, line {node.start_mark.line + 1}")
        return super().construct_mapping(node, deep)
