"""Articles scored."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from framing.api.given import (
    Articles,
    Place,
    check_jobs,
    inputs_of,
    name_of,
    path_of,
    the_study,
)
from framing.api.results import Named, Results
from framing.articles import InputFile, Inputs, ReadLog, ReadOptions
from framing.errors import InputError, shown
from framing.measuring import MixOptions, keep_own, measure
from framing.results import check_folder, holds_results
from framing.study.opening import needed_documents, open_model, read_sample
from framing.study.run import Asked, Needed, Watcher, Work, score_study, write_study


def score(
    articles: Articles,
    output: Place | None = None,
    *,
    text_column: str = "",
    source_column: str = "",
    date_column: str = "",
    title_column: str = "",
    id_column: str = "",
    encoding: str = "",
    text_from: Place = "",
    thresholds: Mapping[str, float] | None = None,
    any_language: bool = False,
    model: Place | None = None,
    project: Place | None = None,
    codebook: str = "",
    jobs: int = 1,
    resume: bool = True,
    progress: Callable[[int], object] | None = None,
    seed: int = 0,
) -> Results:
    """Score articles, as `framing score` does.

    Parameters
    ----------
    articles : path, sequence of paths, DataFrame or Series
        Files and folders of articles, in any format that framing reads; a table with
        one article per row, whose columns are found by their names as those of a file
        are (an index with a name is a column too); or a Series of texts.
    output : path
        Results folder to write. Without it everything is held in memory, and there can
        be no report; a run that is broken off goes on only with it.
    text_column, source_column, date_column, title_column, id_column : str
        Columns of a table, where they are not found out.
    encoding : str
        Of text files, if not UTF-8.
    text_from : path
        File or folder with the texts of a list of articles that has none.
    thresholds : mapping of code to threshold
        Decide by these in place of the model's own.
    any_language : bool
        Score articles in other languages than the codebook's too.
    model : path
        Folder of another model than that of the study.
    project : path
        Folder of the study; by default the one around the current folder, else the
        shipped one.
    codebook : str
        Where the study has several.
    jobs : int
        Processes; 0 for one on each core if there is much to do. A script that asks for
        more than one must stand under `if __name__ == "__main__":`.
    resume : bool
        Go on with a run of `output` that was broken off, or throw it away.
    progress : callable
        Told again and again how many articles were just done, such as the `update` of a
        progress bar.
    seed : int
        Of all randomness.

    Returns
    -------
    Results

    Raises
    ------
    FramingError
        Articles, model, labels or folder cannot be used.

    Examples
    --------
    >>> results = framing.score("articles/", "results/")  # doctest: +SKIP
    >>> results.mix(by="month")  # doctest: +SKIP
    """
    check_jobs(jobs)
    study = the_study(project, codebook)
    folder = path_of(output)
    if folder:
        check_folder(folder)
    options = MixOptions()
    coded, labels_from = read_sample(study, None)
    columns = {
        "text_column": text_column,
        "source_column": source_column,
        "date_column": date_column,
        "title_column": title_column,
        "id_column": id_column,
        "encoding": encoding,
        "text_from": name_of(text_from),
    }
    chosen = {
        **columns,
        "threshold": thresholds,
        "any_language": any_language,
        "model": path_of(model),
        "project": path_of(project),
        "codebook": codebook,
        "seed": seed,
    }
    inputs = inputs_of(articles)
    _check_inputs(inputs)
    asked = Asked(
        inputs,
        ReadOptions(**columns),
        open_model(study, path_of(model), thresholds),
        "" if any_language else study.codebook.language,
        seed,
        _command(inputs, folder, chosen),
    )
    needed = Needed(needed_documents(coded, options), options.by)
    work = Work(folder, jobs, resume=resume)
    # Without a folder whatever may be asked later must be here.
    wanted = needed if folder else Needed()
    named = Named(path_of(project), codebook)
    with score_study(asked, wanted, work, _Told(progress)) as found:
        if folder is None:
            return Results(None, found.run, study, named, found.scored)
        own = keep_own(found.scored, coded)
        measured = measure(found.scored, options, own, labels_from=labels_from)
        write_study(folder, found, measured, options)
    return Results(folder, found.run, study, named)


class _Told(Watcher):
    """Hands on how many articles are done."""

    def __init__(self, progress: Callable[[int], object] | None) -> None:
        self._progress = progress

    def watch(
        self, log: ReadLog, n_bytes: int
    ) -> AbstractContextManager[Callable[[int], None]]:
        """Give the function that is told."""
        return nullcontext(self._tell)

    def _tell(self, n: int) -> None:
        if self._progress:
            self._progress(n)


def _check_inputs(inputs: Inputs) -> None:
    """Refuse results: their tables look like articles too."""
    if isinstance(inputs, InputFile):
        return
    for name in inputs:
        if holds_results(Path(name)):
            msg = f"{shown(Path(name))}: is scored already. Open it: framing.open."
            raise InputError(msg)


def _command(
    inputs: Inputs, output: Path | None, chosen: Mapping[str, Any]
) -> list[str]:
    """Return what does the same on a command line."""
    names = [str(inputs.path)] if isinstance(inputs, InputFile) else inputs
    command = ["score", *names]
    if output:
        command += ["-o", str(output)]
    for name, value in chosen.items():
        option = f"--{name.replace('_', '-')}"
        if isinstance(value, Mapping):
            for code, threshold in value.items():
                command += [option, f"{code}={threshold!r}"]
        elif value:
            command += [option] if value is True else [option, str(value)]
    return command
