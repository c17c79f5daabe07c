"""The rows of a table, one by one."""

from typing import Any

import pandas as pd


def rows_of(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table as records."""
    return [
        {str(name): value for name, value in record.items()}
        for record in table.to_dict("records")
    ]
