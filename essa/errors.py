"""What can go wrong, as a reader should see it.

EssaError                    a short report: what broke, then named lines
├── UsageError               the feeds file or the arguments are wrong; nothing was started (exit 2)
├── FeedError                one feed's deliveries cannot be believed; that feed is blocked, its neighbours go on
├── ContractBroken           a table does not hold what its contract promises; the night ends, nothing is published
└── HomeBusy                 another run holds this home
"""

from __future__ import annotations

from collections.abc import Sequence


class EssaError(Exception):
    """A short report: what broke in one line, then lines such as `because`, `kept`, `do`.

    Details keep their order; a detail that is None is left out.
    """

    exit_code = 1

    def __init__(self, what: str, **details: str | None) -> None:
        self.what = what
        self.details = {name: text for name, text in details.items() if text is not None}
        super().__init__(what)

    def __str__(self) -> str:
        lines = [self.what]
        for name, text in self.details.items():
            first, *rest = str(text).splitlines() or [""]
            lines.append(f"  {name:<10}{first}")
            lines += [f"  {'':<10}{line}" for line in rest]
        return "\n".join(lines)

    def in_one_line(self) -> str:
        """The whole report as a sentence, for a cell of a table."""
        told = [self.what, *(f"{name}: {text}" for name, text in self.details.items())]
        return "; ".join(" ".join(part.split()) for part in told)

    def __reduce__(self) -> tuple:
        return (_rebuild, (type(self), self.what, self.details))


def _rebuild(kind: type[EssaError], what: str, details: dict[str, str]) -> EssaError:
    return kind(what, **details)


def together(what: str, troubles: Sequence[EssaError]) -> EssaError:
    """Several troubles of one kind as one report, each under its number; a single one stays as it is."""
    if len(troubles) == 1:
        return troubles[0]
    return type(troubles[0])(what, **{str(number): str(trouble) for number, trouble in enumerate(troubles, 1)})


class UsageError(EssaError):
    exit_code = 2


class FeedError(EssaError):
    pass


class ContractBroken(EssaError):
    pass


class HomeBusy(EssaError):
    pass
