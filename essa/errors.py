"""What can go wrong, as a reader should see it.

EssaError                    a short report: what broke, then named lines
├── UsageError               the feeds file or the arguments are wrong; nothing was started (exit 2)
├── FeedError                one feed's deliveries cannot be believed; that feed is blocked, its neighbours go on
├── ContractBroken           a table does not hold what its contract promises; the night ends, nothing is published
└── HomeBusy                 another run holds this home
"""

from __future__ import annotations


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

    def __reduce__(self) -> tuple:
        return (_rebuild, (type(self), self.what, self.details))


def _rebuild(kind: type[EssaError], what: str, details: dict[str, str]) -> EssaError:
    return kind(what, **details)


class UsageError(EssaError):
    exit_code = 2


class FeedError(EssaError):
    pass


class ContractBroken(EssaError):
    pass


class HomeBusy(EssaError):
    pass
