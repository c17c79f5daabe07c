"""Articles as they are read."""

from dataclasses import asdict

import pandas as pd

from framing.api.given import Articles, Place, annotated, inputs_of, name_of
from framing.articles import ReadLog, ReadOptions, read_articles
from framing.articles.writing import FIELDS, as_row


def read(
    articles: Articles,
    *,
    text_column: str = "",
    source_column: str = "",
    date_column: str = "",
    title_column: str = "",
    id_column: str = "",
    encoding: str = "",
    text_from: Place = "",
) -> pd.DataFrame:
    """Return articles as they are read, one per row, as `framing read` writes them.

    Parameters are those of `score`.

    Returns
    -------
    DataFrame
        `doc_id source date title text` and whatever else the files hold;
        `attrs["skipped"]` lists what was not read and why, `attrs["understood"]` which
        column was taken for what.

    Raises
    ------
    FramingError
        A file cannot be used, or there is none.
    """
    log = ReadLog()
    options = ReadOptions(
        text_column,
        source_column,
        date_column,
        title_column,
        id_column,
        encoding,
        name_of(text_from),
    )
    found = read_articles(inputs_of(articles), options, log)
    rows = [as_row(article) for article in found]
    own = dict.fromkeys(name for row in rows for name in row)
    table = pd.DataFrame(rows, columns=list(dict.fromkeys([*FIELDS, *own])))
    about = {
        "understood": log.understood,
        "warnings": log.warnings,
        "skipped": [asdict(item) for item in log.skipped],
    }
    return annotated(table, about)
