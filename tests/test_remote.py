"""Addresses of stores are read like paths; what goes wrong there is one line."""

import errno
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from traceback import format_exception

import fsspec
import pytest

from framing.articles import (
    ReadLog,
    ReadOptions,
    read_articles,
    survey,
    without_secrets,
)
from framing.errors import InputError
from framing.parts import Manifest, Parts
from framing.records import Article
from framing.scoring import score_inputs
from tests.conftest import ROOT, Framing
from tests.smallmodel import make_model

EXAMPLES = ROOT / "docs" / "examples"
HEAD = b"id,source,text\n"
FILES = {
    "harbour-post/2026-03-01-accord.txt": b"Two ports signed an accord.",
    "upland/b.jsonl": b'{"id": "b", "source": "Upland", "text": "Timber."}\n',
    "upland/a/c.csv": HEAD + b"c,Upland,Growers wait.\n",
    "upland.csv": HEAD + b"d,Upland,Ships came.\ne,Upland,\n",
    ".hidden/x.txt": b"never",
    "picture.jpeg": b"none of ours",
}

Put = Callable[[dict[str, bytes]], None]


@pytest.fixture
def put() -> Iterator[Put]:
    """Put files into a store that is only here, and empty it at the end."""
    store = fsspec.filesystem("memory")
    yield lambda files: store.pipe({f"/{name}": data for name, data in files.items()})
    for path in store.ls("/", detail=False):
        store.rm(path, recursive=True)


@pytest.fixture
def web(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """Serve a folder, and give it with its address."""
    folder = tmp_path / "web"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Site, directory=folder))
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield folder, f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


class _Site(SimpleHTTPRequestHandler):
    """A site that keeps some files to itself and loses the connection at others."""

    def do_GET(self) -> None:
        if self.path.startswith("/secret"):
            self.send_error(403)
        elif self.path.startswith("/cut"):
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(HEAD)
        else:
            super().do_GET()

    do_HEAD = do_GET  # noqa: N815 - the name is given

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def read(*inputs: object, **options: str) -> tuple[list[Article], ReadLog]:
    log = ReadLog()
    articles = read_articles([str(i) for i in inputs], ReadOptions(**options), log)
    return list(articles), log


def swapped(articles: list[Article], old: str, new: str) -> list[Article]:
    return [replace(a, where=a.where.replace(old, new, 1)) for a in articles]


def test_a_folder_in_a_store_reads_like_one_on_the_disk(
    put: Put, tmp_path: Path
) -> None:
    for name, data in FILES.items():
        path = tmp_path / "corpus" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    put({f"bucket/corpus/{name}": data for name, data in FILES.items()})
    put({"bucket/corpus2/x.txt": b"beside it"})
    here, log = read(tmp_path / "corpus")
    there, told = read("memory://bucket/corpus/")
    base = f"{tmp_path}/corpus", "memory://bucket/corpus"
    assert len(there) == 4
    assert there == swapped(here, *base)
    assert told.files == [(name.replace(*base), digest) for name, digest in log.files]
    assert sorted(map(str, told.skipped)) == sorted(
        {
            "memory://bucket/corpus/.hidden/x.txt: hidden",
            *(str(s).replace(*base) for s in log.skipped if "hidden" not in str(s)),
        }
    )
    assert told.marks == survey(["memory://bucket/corpus"], hashed=True).hashes


@pytest.mark.parametrize(
    "name", [path.name for path in sorted(EXAMPLES.glob("*.*")) if path.is_file()]
)
def test_each_format_reads_from_a_store(put: Put, name: str) -> None:
    put({f"{path.name}": path.read_bytes() for path in EXAMPLES.glob("*.*")})
    put({f"texts/{p.name}": p.read_bytes() for p in (EXAMPLES / "texts").iterdir()})
    lists = name == "mediacloud.csv"
    here, _ = read(EXAMPLES / name, text_from=str(EXAMPLES / "texts") if lists else "")
    there, _ = read(f"memory://{name}", text_from="memory://texts" if lists else "")
    # A file that lies in no folder has none to be its source.
    here = [
        replace(a, source="(none)" if a.source == EXAMPLES.name else a.source)
        for a in here
    ]
    assert there == swapped(here, f"{EXAMPLES}/", "memory://")
    assert there


def test_patterns_and_several_addresses_keep_ids_apart(put: Put) -> None:
    put({"b/m-01/x.txt": b"One.", "b/m-02/x.txt": b"Two.", "b/n/x.txt": b"Three."})
    for pattern in ("memory://b/m-*/x.txt", "memory://b/m-0[12]"):
        found, _ = read(pattern)
        assert [a.doc_id for a in found] == ["m-01/x", "m-02/x"]
    found, _ = read("memory://b/n/x.txt", "memory://b/m-01/")
    assert [a.doc_id for a in found] == ["n/x", "m-01/x"]


def test_ids_beside_a_path_have_the_whole_address(put: Put, tmp_path: Path) -> None:
    put({"b/x.txt": b"Two."})
    (tmp_path / "x.txt").write_bytes(b"One.")
    found, _ = read(tmp_path / "x.txt", "memory://b/x.txt")
    assert [a.doc_id for a in found] == ["x", "memory/b/x"]


def test_a_signed_address_is_scored_and_its_secrets_are_kept_nowhere(
    framing: Framing, migration: Path, web: tuple[Path, str], tmp_path: Path
) -> None:
    folder, host = web
    (folder / "a b.jsonl").write_bytes(
        (migration / "seeds" / "articles" / "articles.jsonl").read_bytes()
    )
    signed = f"http://user:hush@{host}/a%20b.jsonl?X-Sig=hush&e=1#hush"
    ran = framing("score", signed, "--project", migration, "-o", "there", "--jobs", 1)
    assert ran.code == 0
    assert "hush" not in ran.out + ran.err
    about = json.loads((tmp_path / "there" / "run.json").read_text("utf-8"))
    assert [i["path"] for i in about["inputs"]] == [f"http://{host}/a%20b.jsonl"]
    assert not [p for p in tmp_path.glob("there/*") if b"hush" in p.read_bytes()]
    assert framing(
        *("score", folder, "--project", migration, "-o", "here", "--jobs", 1)
    ).code == (0)
    for name in ("scores.parquet", "counts.parquet", "mix.csv"):
        there, here = (tmp_path / run / name for run in ("there", "here"))
        assert there.read_bytes() == here.read_bytes()


@pytest.mark.parametrize(
    ("text", "public"),
    [
        ("corpus/a@b.csv?x", "corpus/a@b.csv?x"),
        ("s3://key:word@bucket/a?.csv", "s3://bucket/a?.csv"),
        ("https://token@host/a.csv?sig=s%2F1#x", "https://host/a.csv"),
        ("ftp://me:p@ss@host/a", "ftp://host/a"),
        ("abfs://box@account.net/a.csv", "abfs://box@account.net/a.csv"),
        ("https://host/a@b.csv", "https://host/a@b.csv"),
        ("failed at 'HTTPS://u:p@h/x?q=1', twice", "failed at 'HTTPS://h/x', twice"),
        ("https://host/a b's.csv?q=1", "https://host/a b's.csv"),
        ("abfs://box@account/a?.csv?sv=1&sig=s%2F", "abfs://box@account/a?.csv"),
        ("az://box/a b.csv?se=1&sig=s", "az://box/a b.csv"),
        ("s3://b/a.csv?X-Amz-Credential=k&X-Amz-Date=1", "s3://b/a.csv"),
        ("gs://b/a.csv?GoogleAccessId=me&Signature=s", "gs://b/a.csv"),
        ("no 's3://b/a.csv?token=t', twice", "no 's3://b/a.csv', twice"),
        ("s3://b/a?design=[12]#3.csv", "s3://b/a?design=[12]#3.csv"),
        ("s3://key:wo/rd@bucket/a.csv", "s3://bucket/a.csv"),
        ("ftp://me:my pass@host/a", "ftp://host/a"),
        ("http://host:8080/a@b.csv", "http://host:8080/a@b.csv"),
        ("s3://arn:aws:s3:x:1:accesspoint/a@b", "s3://arn:aws:s3:x:1:accesspoint/a@b"),
    ],
)
def test_what_is_shown_of_an_address(text: str, public: str) -> None:
    assert without_secrets(text) == public


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("memory://none/", "memory://none: no such file or folder. Check the addr"),
        ("memory://none/*.csv", "memory://none/*.csv: nothing matches this pattern"),
        ("memory://b/x.jpeg", "memory://b/x.jpeg: no readable article files (.csv"),
        ("memory://", "memory://: not read, name a bucket or host."),
        ("http://HOST/none.csv?k=1", "http://HOST/none.csv: no such file or folder."),
        ("http://HOST/secret.csv", "http://HOST/secret.csv: not permitted. Check you"),
        ("http://HOST/cut.csv", "http://HOST/cut.csv: not fetched ("),
        ("http://u:p@127.0.0.1:9/a.csv", "http://127.0.0.1:9/a.csv: not fetched (Cli"),
        ("http://HOST/folder/", "of a web site name the files themselves."),
        ("simplecache::memory://b/x.csv", "not read, name the store itself."),
        ("zip://x.csv::memory://b/x.zip", "not read, name the store itself."),
        ("reference://x", "reference://x: not read, name the store itself."),
        ("file:///etc/passwd", "file:///etc/passwd: not read, give the path alone."),
        ("pigeon://loft/x.csv", "no store is known by pigeon://."),
        ("://x", "://x: no store is known by ://."),
    ],
)
def test_what_cannot_be_had_is_told_in_one_line(
    framing: Framing, put: Put, web: tuple[Path, str], given: str, said: str
) -> None:
    put({"b/x.jpeg": b""})
    ran = framing("read", given.replace("HOST", web[1]))
    assert ran.code == 3
    assert ran.err.startswith("framing: ")
    assert (ran.err.count("\n"), ran.out) == (1, "")
    assert said.replace("HOST", web[1]) in ran.err


def test_a_traceback_shows_no_secret(put: Put, web: tuple[Path, str]) -> None:
    put({"b/a.csv": HEAD})
    secret = "hu" + "sh"
    for address in (
        f"http://me:{secret}@{web[1]}/none.csv?sig={secret}",
        f"http://me:{secret}@127.0.0.1:9/a.csv?sig={secret}",
        f"memory://b/none.csv?sig={secret}",
    ):
        with pytest.raises(InputError) as error:
            read(address)
        assert secret not in "".join(format_exception(error.value))


def test_two_queries_of_one_address_are_refused(web: tuple[Path, str]) -> None:
    (web[0] / "a.csv").write_bytes(HEAD)
    with pytest.raises(InputError, match="twice, with different queries"):
        read(*(f"http://{web[1]}/a.csv?year={year}" for year in (2024, 2025)))


def test_a_password_for_texts_is_refused() -> None:
    with pytest.raises(InputError, match=r"--text-from https://host/t\.csv: the pass"):
        read("memory://a.csv", text_from="https://me:word@host/t.csv")


def test_a_file_that_changes_is_refused(put: Put, tmp_path: Path) -> None:
    put({"b/1.csv": HEAD + b"1,A,One.\n", "b/2.csv": HEAD + b"2,A,Two.\n"})
    known = survey(["memory://b"], hashed=True)
    articles = read_articles(["memory://b"], ReadOptions(), ReadLog())
    next(articles)
    put({"b/2.csv": HEAD + b"2,A,Ten.\n"})
    with pytest.raises(InputError, match=r"b/2\.csv: changed while it was being read"):
        list(articles)
    parts = Parts(tmp_path, Manifest("", "", 1, inputs=known.hashes))
    with pytest.raises(InputError, match=r"b/2\.csv: changed while it was scored"):
        score_inputs(["memory://b"], ReadOptions(), make_model(), parts=parts)


def test_one_file_at_a_time_lies_on_the_disk(
    put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    put({f"b/{n}.csv": HEAD + b"%d,A,One.\n" % n for n in range(3)})
    for n_taken in (1, 3):
        articles = read_articles(["memory://b"], ReadOptions(), ReadLog())
        for _ in range(n_taken):
            next(articles)
            assert len(list(tmp_path.iterdir())) == 1
        articles.close()
        assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    put({"b/a.csv": HEAD})

    def fill(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(type(fsspec.filesystem("memory")), "get_file", fill)
    with pytest.raises(
        InputError, match=r"memory://b/a\.csv: no room for it in .*TMPD"
    ):
        read("memory://b/a.csv")


@pytest.mark.parametrize(
    ("module", "given", "said"),
    [
        ("fsspec", "s3://b/x.csv", "needs fsspec. Run: pip install 'framing[remote]'"),
        (
            "s3fs",
            "s3://b/x.csv",
            "s3:// needs a package that is not installed. Run: pi",
        ),
        ("smbprotocol", "smb://h/x.csv", "is not installed. SMB requires"),
    ],
)
def test_without_the_package_it_is_named(
    monkeypatch: pytest.MonkeyPatch, module: str, given: str, said: str
) -> None:
    for name in [n for n in sys.modules if n.partition(".")[0] == module]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(InputError) as error:
        read(given)
    assert said in str(error.value)


def test_an_address_in_a_cell_is_not_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)
    (tmp_path / "a.csv").write_bytes(b"id,text,url\n1,One.,http://127.0.0.1:9/x.csv\n")
    assert read(tmp_path / "a.csv")[0][0].extra == {"url": "http://127.0.0.1:9/x.csv"}


@pytest.mark.parametrize("command", ["score", "read"])
def test_results_are_not_written_to_a_store(
    framing: Framing, put: Put, tmp_path: Path, command: str
) -> None:
    put({"b/a.csv": HEAD + b"1,A,One.\n"})
    ran = framing(command, "memory://b/a.csv", "-o", "s3://b/results.csv")
    assert ran.code == 6
    assert ran.err.startswith("framing: s3://b/results.csv: results are written to a f")
    assert ran.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
