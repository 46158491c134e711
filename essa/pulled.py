"""What one feed brought tonight."""

from __future__ import annotations

from dataclasses import dataclass

from essa import delivery, in_words
from essa.errors import FeedError


@dataclass(frozen=True)
class Pulled:
    """One feed's files tonight with their line counts, or the trouble that kept them from being read."""

    feed: str
    files: tuple[tuple[delivery.Delivery, int], ...] = ()
    trouble: FeedError | None = None

    def in_words(self) -> str:
        if self.trouble:
            return f"{self.feed}: blocked"
        lines = sum(count for _, count in self.files)
        return f"{self.feed}: {in_words.many(len(self.files), 'file')}, {in_words.many(lines, 'line')}"
