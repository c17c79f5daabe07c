"""What articles look like at a glance: the first of them, their sources and dates."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from framing.records import Article


@dataclass(slots=True)
class Glance:
    """What was seen of a stream of articles; filled while they pass.

    Attributes
    ----------
    n_first
        How many of the first articles are kept.
    first
        Those.
    sources
        Number of articles of each source.
    first_date, last_date
        The days of the earliest and the latest article; "" if none has a date.
    """

    n_first: int = 3
    first: list[Article] = field(default_factory=list)
    sources: Counter[str] = field(default_factory=Counter)
    first_date: str = ""
    last_date: str = ""

    def passing(self, articles: Iterable[Article]) -> Iterator[Article]:
        """Yield the articles and look at each."""
        for article in articles:
            self._see(article)
            yield article

    def _see(self, article: Article) -> None:
        if len(self.first) < self.n_first:
            self.first.append(article)
        self.sources[article.source] += 1
        if date := article.date:
            self.first_date = min(self.first_date or date, date)
            self.last_date = max(self.last_date, date)
