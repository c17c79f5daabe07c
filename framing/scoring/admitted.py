"""Which of the articles that were read are scored: those in the codebook's language."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from framing.articles import ReadLog
from framing.language import other_language
from framing.records import Article


@dataclass
class Admission:
    """Lets articles pass that are not plainly in another language.

    `language` is that of the codebook, empty for any; `n_others` counts those that were
    left out, each of which is named in the log.
    """

    language: str
    n_others: int = 0

    def pass_on(self, articles: Iterable[Article], log: ReadLog) -> Iterator[Article]:
        """Yield the articles to score."""
        for article in articles:
            found = self.language and other_language(article.text, self.language)
            if not found:
                yield article
                continue
            log.skip(
                article.where, f"language {found}, the codebook is {self.language}"
            )
            self.n_others += 1
