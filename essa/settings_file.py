"""`HOME/settings.yaml`: the settings that differ from the defaults, every mistake told at once."""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from essa import mistakes
from essa.errors import UsageError
from essa.mistakes import OnceLoader
from essa.national_ids import NationalId
from essa.settings import Settings


def read(path: Path) -> Settings:
    """The settings of a home; the defaults where it has no file. UsageError names every mistake at once."""
    if not path.exists():
        return Settings()
    try:
        mapping = yaml.load(mistakes.text_of(path), OnceLoader) or {}
    except yaml.YAMLError as error:
        raise UsageError(f"{path}: not YAML", because=str(error), do="mend the file or remove it") from None
    if not isinstance(mapping, dict):
        raise UsageError(f"{path}: settings are `name: value` lines", do="docs/settings.md has the names")
    try:
        return Settings(**mapping)
    except ValidationError as error:
        found = "\n".join(map(_mistake, error.errors(include_input=False, include_url=False)))
        count = "one mistake" if error.error_count() == 1 else f"{error.error_count()} mistakes"
        raise UsageError(f"{path}: {count}", found=found) from None


def _mistake(found: ErrorDetails) -> str:
    where = ".".join(str(part + 1 if isinstance(part, int) else part) for part in found["loc"])
    if found["type"] == "extra_forbidden":
        model = Settings if len(found["loc"]) == 1 else NationalId
        return f"{where}: {mistakes.unknown(str(found['loc'][-1]), model.model_fields)}"
    return f"{where}: {mistakes.in_words(found)}"
