"""Articles in a store: addresses such as `s3://bucket/corpus/`, listed and fetched.

A file is fetched whole to a temporary file and goes when it was read. So it is read
by what reads files of the disk, its hash is that of what was read, and it cannot change
under a reader. Reading a range here and there would save nothing: the hash needs every
byte, and all columns are kept.
"""

import errno
import io
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any, BinaryIO, cast

from framing.errors import FramingError, InputError, shown, shown_end

ADDRESS_LIMIT = 240
"""Characters of an address that are shown."""

WEB = ("http", "https")

REFUSED = {
    "file": "give the path alone",
    "local": "give the path alone",
    "data": "write it to a file",
    **dict.fromkeys(("zip", "tar", "libarchive"), "unpack it there, or name a .zip"),
    **dict.fromkeys(
        (
            *("async_wrapper", "asyncwrapper", "asynclocal", "blockcache", "cached"),
            *("dask", "dir", "filecache", "generic", "git", "jlab", "jupyter"),
            *("pyscript", "reference", "simplecache"),
        ),
        "name the store itself",
    ),
}
"""What fsspec knows besides stores: ways to the disk, and files made of others."""

PACKAGES = {
    **dict.fromkeys(("s3", "s3a"), "s3fs"),
    **dict.fromkeys(("gs", "gcs"), "gcsfs"),
    **dict.fromkeys(("abfs", "abfss", "az"), "adlfs"),
    **dict.fromkeys(WEB, "'framing[remote]'"),
    **dict.fromkeys(("sftp", "ssh"), "paramiko"),
    "hf": "huggingface_hub",
}
"""What reads each kind of store; fsspec has words for the others."""

OPTIONS = {scheme: {"max_concurrency": 1} for scheme in ("s3", "s3a")}
"""What a store is told: s3fs would else hold ten blocks of 50 MB in memory."""

# Patterns are compiled when an address is met: most inputs have none.
MAGIC = r"[*?[]"

ALONE = r"(?i)[a-z][a-z0-9+.:-]*://"
"""How a text begins that is an address and nothing else."""

USER = (
    r"(?i)\b(?!(?:abfss?|wasbs?|az|github)://)([a-z][a-z0-9+.-]*://)"
    r"(?:[^/\n]*|(?!arn:|\[)[^/@\n]*:(?!\d*/)[^\n]*)@"
)
"""A name and password, or a token; in Azure and GitHub what comes first is a place.

A slash ends it, but for one in a password: after a colon that no port follows.
"""

QUERY = r"(?i)\b(https?://[^?#{end}]*)[?#][^{end}]*"
"""What a signed address is signed with stands in its query, under many names."""

SIGNED = (
    r"(?i)[?#](?=[^?#{end}]*?(?:(?<![a-z])(?:sig|sas|pwd|pass)|signature|token|secret|"
    r"passw|credential|auth|key|x-(?:amz|goog|oss|cos|ms)-)[\w.-]{0,80}=)[^{end}]*"
)
"""The query of another store, if it is signed; a mere `?` may be of a pattern."""

CONTENT = ("etag", "md5hash", "contentmd5", "digest", "blobid", "generation")
TIMES = (
    *("lastmodified", "modified", "mtime", "modificationtime", "lastwritetime"),
    *("modify", "updated", "created"),
)
"""What stores call a mark of the content, and the time of the last change."""


def is_address(given: str) -> bool:
    """Whether an input is the address of something in a store, and no path."""
    return "://" in given


def without_secrets(text: str) -> str:
    """Return a text whose addresses show no password, token or signature."""
    if not is_address(text):
        return text
    # Alone it may hold blanks and quotes, in a message it ends with one.
    end = r"\0" if re.match(ALONE, text) else r"\s'\""
    text = re.sub(USER, r"\1", text)
    text = re.sub(QUERY.replace("{end}", end), r"\1", text)
    return re.sub(SIGNED.replace("{end}", end), "", text)


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file in a store.

    Attributes
    ----------
    store, key
        The file system of fsspec, and what it calls the file.
    url
        The address as it is shown, without secrets.
    size
        In bytes, None if the store does not tell.
    mark
        Another one means that the file was changed.
    """

    store: Any
    key: str
    url: str
    size: int | None
    mark: str

    def fetch(self) -> BinaryIO:
        """Return the file as a temporary one, which goes when it is closed.

        Raises
        ------
        InputError
            The store does not give it, or it was changed since it was listed.
        """
        with ExitStack() as stack:
            folder = stack.enter_context(
                TemporaryDirectory(prefix="framing-", ignore_cleanup_errors=True)
            )
            place = Path(folder) / "fetched"
            with _told(self.url):
                self.store.get_file(self.key, str(place))
                self.store.invalidate_cache()
                size, mark = _state(self.store.info(self.key))
            if mark != self.mark or size not in (None, place.stat().st_size):
                changed = "changed while it was being read. Try again."
                message = f"{_shown(self.url)}: {changed}"
                raise InputError(message)
            file = _Fetched(place)
            file.ending = stack.pop_all()
            return cast(BinaryIO, file)


class _Fetched(io.FileIO):
    """A temporary file, with what is to be done once it is closed."""

    ending = ExitStack()

    def close(self) -> None:
        super().close()
        self.ending.close()


@dataclass(frozen=True, slots=True)
class Listing:
    """What is behind an address.

    Attributes
    ----------
    root
        The folder that ids are relative to, as a path that begins with the host.
    is_folder
        Whether the files were found in a folder or by a pattern, and not named.
    """

    url: str
    root: Path
    files: tuple[RemoteFile, ...]
    is_folder: bool


def place_of(url: str) -> Path:
    """Return an address as a path, which begins with the bucket or host."""
    rest = url.partition("://")[2]
    if _is_web(url):
        from urllib.parse import unquote

        rest = unquote(rest)
    return Path(rest.lstrip("/"))


def list_addresses(given: Iterable[str]) -> dict[str, Listing]:
    """Return what is behind each address, in the order of a folder on the disk.

    Raises
    ------
    InputError
        It cannot be reached, there is nothing, or it is no address that is read.
    """
    listings = {address: _list(address) for address in dict.fromkeys(given)}
    seen: dict[str, str] = {}
    for address, listing in listings.items():
        if seen.setdefault(listing.url, address) != address:
            message = (
                f"{_shown(listing.url)}: twice, with different queries, which are not "
                "kept. Save the files and give their paths."
            )
            raise InputError(message)
    return listings


def _list(given: str) -> Listing:
    url = _base(given)
    store, key = _open(given, url)
    with _told(url):
        store.invalidate_cache()
        is_pattern = not _is_web(url) and re.search(MAGIC, url)
        try:
            about = store.info(key)
        except FileNotFoundError:
            if not is_pattern:
                raise
            return _matches(store, key, url)
        if about["type"] == "directory":
            found = store.find(key, detail=True)
            files = _below(store, found, key, url)
            return Listing(url, place_of(url), files, is_folder=True)
    file = RemoteFile(store, key, url, *_state(about))
    return Listing(url, place_of(url).parent, (file,), is_folder=False)


def _base(given: str) -> str:
    """Return the address without secrets and the slash of a folder."""
    scheme, _, rest = without_secrets(given).partition("://")
    return f"{scheme.lower()}://{rest.rstrip('/')}"


def _is_web(url: str) -> bool:
    return url.partition("://")[0] in WEB


def _matches(store: Any, key: str, url: str) -> Listing:
    """Return the files that a pattern matches, and those in folders that it does."""
    # Up to the folder before the first sign of the pattern.
    at_key, at_url = (
        text.rindex("/", 0, re.search(MAGIC, text).start())  # type: ignore[union-attr]
        for text in (f"/{key}", url)
    )
    found: dict[str, Any] = {}
    for name, about in store.glob(key, detail=True).items():
        if about["type"] == "directory":
            found |= store.find(name, detail=True)
        else:
            found[name] = about
    if not found:
        message = f"{_shown(url)}: nothing matches this pattern. Check the address."
        raise InputError(message)
    root = f"/{key}"[1 : at_key + 1].rstrip("/")
    base = url[:at_url]
    files = _below(store, found, root, base)
    return Listing(url, place_of(base), files, is_folder=True)


def _below(
    store: Any, found: Mapping[str, Any], key: str, url: str
) -> tuple[RemoteFile, ...]:
    """Return the files below a folder, in the order of a folder on the disk."""
    files = []
    for name, about in found.items():
        below = name.removeprefix(key).lstrip("/")
        if about["type"] == "file" and below and not name.endswith("/"):
            files.append(RemoteFile(store, name, f"{url}/{below}", *_state(about)))
    return tuple(sorted(files, key=lambda file: place_of(file.url).parts))


def _state(about: Mapping[str, Any]) -> tuple[int | None, str]:
    """Return size and mark of a file by what its store tells of it."""
    known = {re.sub("[^a-z0-9]", "", name.lower()): about[name] for name in about}
    size = known.get("size")
    told = next((known[name] for name in (*CONTENT, *TIMES) if known.get(name)), "")
    if isinstance(told, datetime):
        told = told.timestamp()
    content = str(told).removeprefix("W/").strip('"')
    return size, f"{content} {'' if size is None else size}".strip()


def _open(given: str, url: str) -> tuple[Any, str]:
    """Return the file system of an address, and what it calls the file or folder."""
    scheme = url.partition("://")[0]
    if "::" in given:
        advice = "name the store itself"
    elif not given.partition("://")[2].strip("/"):
        advice = "name a bucket or host"
    elif scheme in WEB and given.endswith("/"):
        advice = "of a web site name the files themselves"
    else:
        advice = REFUSED.get(scheme, "")
    if advice:
        message = f"{_shown(url)}: not read, {advice}."
        raise InputError(message)
    try:
        import fsspec
    except ModuleNotFoundError as error:
        message = f"{_shown(url)}: needs fsspec. Run: pip install 'framing[remote]'"
        raise InputError(message) from error
    with _told(url):
        if scheme not in fsspec.available_protocols():
            message = f"{_shown(url)}: no store is known by {shown(scheme, 20)}://."
            raise InputError(message)
        own = given.partition("://")[2]
        store, key = fsspec.url_to_fs(f"{scheme}://{own}", **OPTIONS.get(scheme, {}))
    import logging

    for library in (type(store).__module__.partition(".")[0], "fsspec", "asyncio"):
        # Without any handler, Python writes what they log on the terminal.
        logging.getLogger(library).addHandler(logging.NullHandler())
    return store, str(key)


@contextmanager
def _told(url: str) -> Iterator[None]:
    """Turn whatever the library of a store raises into one line about its address.

    Its warnings are about its own inside.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except FramingError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told
        message = f"{_shown(url)}: {_reason(error, url.partition('://')[0])}"
        # Its own words may have the secrets of the address: a notebook shows a cause.
        raise InputError(message) from None


def _reason(error: Exception, scheme: str) -> str:
    """Return what went wrong, and what to do."""
    cause = error.__cause__
    if cause and type(cause).__module__.startswith("aiohttp"):
        error = cast(Exception, cause)  # the web's are all "not found" to fsspec
    status = getattr(error, "status", None)
    if isinstance(error, ImportError):
        package = PACKAGES.get(scheme, "")
        told = f"Run: pip install {package}" if package else f"{shown(error, 120)}."
        return f"{scheme}:// needs a package that is not installed. {told}"
    if isinstance(error, PermissionError) or status in (401, 403):
        return "not permitted. Check your credentials, and your rights to it."
    if isinstance(error, FileNotFoundError) or status in (404, 410):
        return "no such file or folder. Check the address."
    if getattr(error, "errno", None) == errno.ENOSPC:
        return (
            f"no room for it in {shown(Path(gettempdir()))}. Free space, or name "
            "another folder by TMPDIR, then give the same command."
        )
    text = without_secrets(f"{type(error).__name__}: {' '.join(str(error).split())}")
    return (
        f"not fetched ({shown(text.rstrip(': .'), 160)}). Check address, credentials "
        "and connection, then give the same command."
    )


def _shown(url: str) -> str:
    return shown_end(url, ADDRESS_LIMIT)
