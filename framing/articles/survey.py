"""What there is to read, before it is read: file hashes and how much it is."""

from collections.abc import Collection
from dataclasses import dataclass
from hashlib import file_digest
from io import BytesIO
from typing import cast

from framing.articles.inputs import Inputs, find_files
from framing.articles.options import ReadLog


@dataclass(frozen=True, slots=True)
class Survey:
    """What there is to read.

    `hashes` has the SHA-256 of each file by its path, empty for what can only be read
    once, and for a file in a store the mark that the store has put on its content: so
    nothing is fetched twice. `n_bytes` is 0 if not all sizes can be known.
    """

    hashes: dict[str, str]
    n_bytes: int


def survey_files(inputs: Inputs, suffixes: Collection[str], *, hashed: bool) -> Survey:
    """Return what files there are; the hashes are empty unless they are wanted.

    Raises
    ------
    InputError
        An input does not exist, or no file was found.
    """
    hashes, n_bytes, endless = {}, 0, False
    for file in find_files(inputs, suffixes, ReadLog()):
        name = file.name
        hashes[name] = ""
        if file.is_stdin:
            endless = True
            continue
        if file.remote:
            hashes[name] = file.remote.mark if hashed else ""
            n_bytes += file.remote.size or 0
            endless |= file.remote.size is None
            continue
        try:
            n_bytes += file.size()
            if hashed:
                with file.open() as stream:
                    digest = file_digest(cast(BytesIO, stream), "sha256")
                hashes[name] = digest.hexdigest()
        except OSError:  # the reader will say what is wrong with it
            continue
    return Survey(hashes, 0 if endless else n_bytes)
