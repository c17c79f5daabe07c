"""Builds the kernel where there is a C compiler; stands alone, for the installation."""

import os
import shlex
import shutil
import subprocess
import sysconfig
from collections.abc import Sequence
from pathlib import Path

FOLDER = Path(__file__).parent
SOURCES = ("reading.c", "scoring.c", "marks.c", "punkt.c")
LIBRARY = FOLDER / "_kernel.so"

# Without contraction a product is rounded before it is added, as numpy does it.
OPTIONS = (
    *("-std=c11", "-O2", "-fPIC", "-shared"),
    *("-ffp-contract=off", "-fvisibility=hidden"),
)


def find_compiler() -> list[str] | None:
    """Return the command of a C compiler, None if there is none."""
    wanted = os.environ.get("CC") or sysconfig.get_config_var("CC") or ""
    for command in (shlex.split(wanted), ["cc"], ["gcc"], ["clang"]):
        if command and shutil.which(command[0]):
            return command
    return None


def is_current(library: Path = LIBRARY) -> bool:
    """Tell whether the library is there and as new as its sources."""
    written = [
        *(FOLDER.glob("*.[ch]")),
        FOLDER / "build.py",
    ]
    return library.exists() and all(
        library.stat().st_mtime >= path.stat().st_mtime for path in written
    )


def build_kernel(library: Path = LIBRARY, *, options: Sequence[str] = ()) -> bool:
    """Compile the kernel; return whether that could be done."""
    compiler = find_compiler()
    if compiler is None or os.environ.get("FRAMING_NO_KERNEL"):
        return False
    # Another process may be using the old one: it is replaced, never overwritten.
    fresh = library.with_name(f"{library.name}.{os.getpid()}")
    sources = [str(FOLDER / name) for name in SOURCES]
    command = [*compiler, *OPTIONS, *options, "-o", str(fresh), *sources, "-lm"]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
        if done.returncode == 0:
            fresh.replace(library)
        return done.returncode == 0
    except OSError:  # a compiler that does not run, a folder that cannot be written
        return False
    finally:
        fresh.unlink(missing_ok=True)
