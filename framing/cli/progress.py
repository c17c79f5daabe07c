"""A progress bar on standard error; nothing where that is no terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import ProgressColumn

STEPS = 1000


@contextmanager
def progress(
    what: str, unit: str, *, quiet: bool, part: Callable[[], float] | None = None
) -> Iterator[Callable[[int], None]]:
    """Give a function to call with the number of items just done.

    `part` tells what part of everything is done, where that is known: then there is a
    bar with the time left.
    """
    if quiet or not sys.stderr.isatty():
        yield lambda n: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(
        *_columns(what, unit, with_end=part is not None),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        task = bar.add_task(what, total=STEPS if part else None, n=0, rate=0.0)
        done = 0

        def advance(n: int) -> None:
            nonlocal done
            done += n
            seconds = max(bar.tasks[0].elapsed or 0.0, 1e-3)
            far = STEPS * part() if part else None
            bar.update(task, completed=far, n=done, rate=done / seconds)

        yield advance


def _columns(what: str, unit: str, *, with_end: bool) -> "list[ProgressColumn]":
    from rich.progress import (
        BarColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns: list[ProgressColumn] = [TextColumn(what)]
    if with_end:
        columns.append(BarColumn(20))
    columns.append(TextColumn("{task.fields[n]:,} " + unit))
    columns.append(TextColumn("{task.fields[rate]:,.0f}/s"))
    columns.append(TimeElapsedColumn())
    if with_end:
        columns += [TimeRemainingColumn(), TextColumn("left")]
    return columns
