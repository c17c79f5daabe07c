"""Lists of articles without texts, joined with texts that come from elsewhere."""

from collections.abc import Iterator

from framing.articles.exported import taken
from framing.articles.exports.mediacloud import join_texts
from framing.articles.options import ReadLog
from framing.errors import InputError, shown
from framing.records import Article

STEM = "mediacloud"
"""What ids are made of where a row has none."""


def with_texts(
    articles: Iterator[Article],
    texts: Iterator[Article],
    place: str,
    log: ReadLog,
    texts_log: ReadLog,
) -> Iterator[Article]:
    """Yield articles, and then those of the lists among them, with their texts.

    Parameters
    ----------
    articles
        From the inputs; the rows of lists go to `log.waiting` while they are read.
    texts
        From `place`, the file or folder that the user named.
    texts_log
        What `texts` fills; it goes over into `log`.

    Raises
    ------
    InputError
        There is no list to join the texts with.
    """
    yield from articles
    if not log.waiting:
        message = (
            f"{shown(place)}: texts for --text-from, but no Media Cloud list among the "
            "inputs. Name the list too, or give the texts as inputs."
        )
        raise InputError(message)
    log.begin(shown(place), "texts of a list")
    yield from taken(join_texts(log.waiting, texts), shown(place), STEM, log)
    log.skipped += texts_log.skipped
    log.warnings += texts_log.warnings
    # A list may lie among the texts.
    log.understood += [x for x in texts_log.understood if x not in log.understood]
    log.files += [x for x in texts_log.files if x not in log.files]
    log.finish()
    log.waiting.clear()
