"""What it costs to start: CPU seconds of a fresh process, beside `python -c pass`.

    python benchmarks/start.py
    python benchmarks/start.py --rounds 31

Every round starts each program once, one after another, so that a busy moment of the
machine meets them all. CPU is user and system time of the process and its children.
Python's compiled modules and the model that `framing.plaincache` keeps are made once
before, in a folder of their own, as they are there after the first run of any
installation; `first` is a run without the kept model.
"""

import argparse
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
TEXT = """The two ministers signed a gas contract in Beijing on Friday. China called it
a milestone; the United States threatened sanctions against every bank that takes part.
"We did not come here to quarrel," the Russian minister said. Talks go on next week.

"""
PARAGRAPHS = 10
ONE_TEXT = """
from pathlib import Path
from framing.excerpt import excerpt
from framing.modelstore import load_model
from framing.scorer import Scorer
from framing.segment import split_sentences

text = Path("article.txt").read_text()
sentences = [text[span.start : span.end] for span in split_sentences(text)]
model, _ = load_model(Path({model!r}))
scorer = Scorer({made})
scorer.score(scorer.read(sentences))
"""
SENTENCE = "The two ministers signed a gas contract in Beijing."


def programs() -> dict[str, list[str]]:
    """Return what is started, by name, as arguments of Python."""
    framing = ["-c", "from framing.cli import main; main()"]
    model = str(ROOT / "models" / "relations")
    library = ONE_TEXT.format(model=model, made="excerpt(model, sentences)")
    whole = ONE_TEXT.format(model=model, made="model")
    return {
        "pass": ["-c", "pass"],
        "import numpy": ["-c", "import numpy"],
        "import typer": ["-c", "import typer"],
        "import pandas": ["-c", "import pandas"],
        "--version": [*framing, "--version"],
        "--help": [*framing, "--help"],
        "usage error": [*framing, "score", "--nonsense"],
        "explain a sentence": [*framing, "explain", SENTENCE],
        "label an article": [*framing, "label", "article.txt"],
        "score an article": [*framing, "score", "article.txt"],
        "library, an article": ["-c", library],
        "library, whole model": ["-c", whole],
    }


def cpu_of(arguments: Sequence[str], folder: Path, env: Mapping[str, str]) -> float:
    """Return the CPU seconds of a fresh Python."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure(rounds: int) -> dict[str, list[float]]:
    """Return the CPU seconds of every program, round by round."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "article.txt").write_text(TEXT * PARAGRAPHS)
        env = {
            **{k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"},
            "PYTHONPATH": str(ROOT),
            "PYTHONPYCACHEPREFIX": str(folder / "compiled"),
            "FRAMING_CACHE": str(folder / "kept"),
            "OMP_NUM_THREADS": "1",
        }
        started = {name: (own, env) for name, own in programs().items()}
        off = {**env, "FRAMING_CACHE": "off"}
        started["library, first"] = (started["library, an article"][0], off)
        for own, around in started.values():
            cpu_of(own, folder, around)
        taken: dict[str, list[float]] = {name: [] for name in started}
        for _ in range(rounds):
            for name, (own, around) in started.items():
                taken[name].append(cpu_of(own, folder, around))
    return taken


def main() -> None:
    about = (__doc__ or "").splitlines()[0]
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--rounds", type=int, default=15)
    taken = measure(parser.parse_args().rounds)
    print(f"{platform.platform()}, Python {platform.python_version()}\n")
    print(f"{'':22}{'CPU ms':>8}{'quartiles':>16}{'x pass':>8}{'quartiles':>14}")
    for name, seconds in taken.items():
        ratios = [s / p for s, p in zip(seconds, taken["pass"], strict=True)]
        ms = [1000 * s for s in seconds]
        print(f"{name:22}{line(ms, 0)}{line(ratios, 1)}")


def line(values: Sequence[float], digits: int) -> str:
    """Return the median of some values, and their quartiles."""
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    spread = f"{low:.{digits}f} to {high:.{digits}f}"
    return f"{middle:8.{digits}f}{spread:>{16 - 2 * digits}}"


if __name__ == "__main__":
    main()
