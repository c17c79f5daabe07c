import http.client
import json
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from framing.coding.session import CodingSession, Suggestion
from framing.errors import StorageError
from framing.web import server as server_module
from framing.web.app import PAGE
from framing.web.guard import MAX_BODY
from framing.web.server import HOST, MAX_CONNECTIONS, open_socket, serve
from tests.browser import TOKEN, Page, make_session, make_units, relations, served

ROOT = Path(__file__).parents[1]
TOKENS = {"X-Framing-Token": TOKEN}
JSON = {**TOKENS, "Content-Type": "application/json"}
GOOD = {"unit": 0, "codes": ["rivalry"], "stance": {}, "note": ""}


class Answer(NamedTuple):
    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ana.jsonl"


@pytest.fixture
def page(path: Path) -> Iterator[Page]:
    with served(make_session(path)) as page:
        yield page


def ask(
    page: Page,
    method: str,
    path: str,
    body: Any = None,
    headers: dict[str, str] | None = None,
    host: str = "",
) -> Answer:
    """Send a request as its bytes are; no header is added but Host."""
    connection = http.client.HTTPConnection("127.0.0.1", page.port, timeout=10)
    headers = {"Host": host or f"127.0.0.1:{page.port}", **(headers or {})}
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return Answer(answer.status, answer.read(), dict(answer.getheaders()))
    finally:
        connection.close()


def post(page: Page, wish: Any, **headers: str) -> Answer:
    return ask(page, "POST", "/api/label", json.dumps(wish), {**JSON, **headers})


def wish(**changes: Any) -> str:
    return json.dumps(GOOD | changes)


class Attack(NamedTuple):
    """A request that must be refused, and how."""

    status: int
    method: str
    path: str
    body: Any
    headers: dict[str, str]
    host: str = ""


def getting(status: int, path: str, host: str = "", **more: str) -> Attack:
    """Return a GET with our token."""
    return Attack(status, "GET", path, None, TOKENS | named(more), host)


def posting(status: int, body: Any = "", **more: str) -> Attack:
    """Return a label with our token, good if nothing else is said."""
    body = body or json.dumps(GOOD)
    return Attack(status, "POST", "/api/label", body, JSON | named(more))


def wishing(**changes: Any) -> Attack:
    """Return a good label but for some keys."""
    return posting(400, json.dumps(GOOD | changes))


def named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


TASK = "/api/task"
FOREIGN = {"Origin": "http://evil.example"}
PLAIN_JSON = {"Content-Type": "application/json"}
ATTACKS = {
    "rebound Host": getting(421, TASK, "evil.example"),
    "Host with our name as prefix": getting(421, TASK, "127.0.0.1.evil.example:PORT"),
    "Host without port": getting(421, TASK, "localhost"),
    "page for a wrong Host": getting(421, "/", "evil.example:PORT"),
    "no token": Attack(403, "GET", TASK, None, {}),
    "wrong token": getting(403, TASK, X_Framing_Token="x"),
    "non-ascii token": getting(403, TASK, X_Framing_Token="\xe9"),
    "label without token": posting(403, X_Framing_Token=""),
    "foreign Origin": posting(403, Origin="http://evil.example"),
    "Origin null": posting(403, Origin="null"),
    "other port of this machine": posting(403, Origin="http://127.0.0.1:1"),
    "cross-site fetch": posting(403, Sec_Fetch_Site="cross-site"),
    "same-site fetch": posting(403, Sec_Fetch_Site="same-site"),
    "page in another site": getting(403, "/", Sec_Fetch_Site="cross-site"),
    "form that sends text": posting(415, Content_Type="text/plain"),
    "GET that writes": getting(404, "/api/label?unit=0&codes=rivalry"),
    "path traversal": getting(404, "/../../etc/passwd"),
    "encoded traversal": getting(404, "/%2e%2e/%2e%2e/etc/passwd"),
    "traversal below the page": getting(404, "/page/../app.py"),
    "unit beyond the last": getting(404, "/api/unit/10"),
    "unit of 4,500 digits": getting(404, "/api/unit/" + "9" * 4500),
    "unit in other digits": getting(404, "/api/unit/%C2%B2"),
    "unknown code": wishing(codes=["x"]),
    "code is a list": wishing(codes=[["rivalry"]]),
    "codes are a text": wishing(codes="rivalry"),
    "unit is true": wishing(unit=True),
    "unit is negative": wishing(unit=-1),
    "a key more": wishing(coder="ben"),
    "stance is a number": wishing(stance={"Norland": 1}),
    "half a character": wishing(note="\ud800"),
    "deep JSON": posting(400, "[" * 30_000),
    "number of 5,000 digits": posting(400, "9" * 5000),
    "broken JSON": posting(400, "{"),
    "no UTF-8": posting(400, b"\xff\xfe{"),
    "body too large": posting(413, b"x" * (MAX_BODY + 1)),
    "length without body": posting(413, b"{}", Content_Length="9" * 18),
    "chunked": posting(411, iter([b"{}"]), Transfer_Encoding="chunked"),
    "TRACE": Attack(405, "TRACE", "/", None, TOKENS),
    "HEAD": Attack(405, "HEAD", TASK, None, TOKENS),
    "PUT": Attack(405, "PUT", "/api/label", json.dumps(GOOD), JSON),
    "preflight": Attack(405, "OPTIONS", "/api/label", None, FOREIGN),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_refused_and_writes_nothing(
    page: Page, path: Path, name: str
) -> None:
    status, method, where, body, headers, host = ATTACKS[name]
    host = host.replace("PORT", str(page.port))
    answer = ask(page, method, where, body, headers, host)
    assert answer.status == status
    assert not path.exists()
    assert page.session.n_done == 0
    assert not [name for name in answer.headers if name.startswith("Access-Control")]
    assert b"Traceback" not in answer.body
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["connection"] == "close"
    assert method == "HEAD" or answer.json["error"]
    assert ask(page, "GET", TASK, None, TOKENS).status == 200


def test_a_form_without_a_length_is_refused(page: Page) -> None:
    lines = [
        "POST /api/label HTTP/1.1",
        f"Host: 127.0.0.1:{page.port}",
        *(f"{name}: {value}" for name, value in JSON.items()),
    ]
    with socket.create_connection((HOST, page.port), timeout=10) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        assert connection.recv(1000).startswith(b"HTTP/1.1 411 ")


@pytest.mark.parametrize("text", [b"\0\1\2\r\n\r\n", b"GET\r\n\r\n"])
def test_what_is_no_http_gets_one_line_and_is_cut(page: Page, text: bytes) -> None:
    with socket.create_connection((HOST, page.port), timeout=10) as connection:
        connection.sendall(text)
        answer = connection.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"Traceback" not in answer


def test_the_page_comes_without_a_token_and_holds_no_data(page: Page) -> None:
    for path, (_, kind) in PAGE.items():
        answer = ask(page, "GET", path)
        assert answer.status == 200
        assert answer.headers["content-type"].startswith(kind)
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        for text in (TOKEN, "ana", "cooperation", "Norland"):
            assert not re.search(rf"\b{text}\b", answer.body.decode())


def test_the_page_asks_nobody_else_and_has_nothing_inline(page: Page) -> None:
    html = ask(page, "GET", "/").body.decode()
    style, script = (
        ask(page, "GET", f"/page.{x}").body.decode() for x in ("css", "js")
    )
    for text in (html, style, script):
        assert not re.search(r"(https?:)?//\w", text)
    assert not re.search(r"<script>|<style|\son\w+=|style=", html)
    assert "innerHTML" not in script
    assert "url(" not in style


def test_the_task_says_who_codes_what(page: Page) -> None:
    task = ask(page, "GET", TASK, None, TOKENS).json
    codebook = task.pop("codebook")
    assert task == {
        "coder": "ana",
        "n_units": 10,
        "n_done": 0,
        "first_open": 0,
        "max_note": 2000,
        "blind": False,
        "suggest": False,
    }
    assert [code["name"] for code in codebook["codes"]] == list(relations().names)
    assert set(codebook["codes"][0]) == {
        *("name", "title", "definition", "include", "exclude", "examples")
    }
    assert codebook["stances"] == ["favourable", "critical", "neutral"]
    assert codebook["coding"] == "multiple"


def test_a_unit_comes_with_its_neighbours_and_decision(page: Page) -> None:
    assert post(page, {**GOOD, "unit": 3}).status == 200
    unit = ask(page, "GET", "/api/unit/3", None, TOKENS).json
    shown = page.session.units[3]
    assert unit == {
        "text": shown.text,
        "before": page.session.units[2].text,
        "after": page.session.units[4].text,
        "title": "Gas, grain and a cold strait",
        "source": "The Invented Post",
        "date": "2026-03-01",
        "targets": ["Sudmark"],
        "decision": {
            "codes": ["rivalry"],
            "stance": {},
            "note": "",
            "time": "2026-04-01T09:30:00Z",
        },
        "next_open": 4,
    }


def suggesting() -> list[Any]:
    found = Suggestion(("cooperation",), {"Norland": "neutral"})
    return [replace(unit, suggestion=found) for unit in make_units()]


def test_blind_gives_no_title_source_or_date_away(path: Path) -> None:
    with served(make_session(path, suggesting()), blind=True) as page:
        answer = ask(page, "GET", "/api/unit/0", None, TOKENS)
    assert set(answer.json) == {
        *("text", "before", "after", "targets", "decision", "next_open")
    }
    for hidden in (b"Invented", b"2026-03", b"post-01", b"sample"):
        assert hidden not in answer.body


def test_suggestions_are_given_only_when_asked_for(path: Path) -> None:
    session = make_session(path, suggesting())
    with served(session) as page:
        assert b"suggest" not in ask(page, "GET", "/api/unit/0", None, TOKENS).body
    with served(session, suggest=True) as page:
        unit = ask(page, "GET", "/api/unit/0", None, TOKENS).json
    assert unit["suggestion"] == {
        "codes": ["cooperation"],
        "stance": {"Norland": "neutral"},
    }


def test_a_label_is_on_the_disk_when_the_answer_comes(page: Page, path: Path) -> None:
    origin = f"http://localhost:{page.port}"
    wish = {"unit": 0, "codes": [], "stance": {"Norland": "neutral"}, "note": "dry"}
    answer = post(page, wish, Origin=origin, **{"Sec-Fetch-Site": "same-origin"})
    assert answer.status == 200
    assert (answer.json["n_done"], answer.json["next_open"]) == (1, 1)
    [line] = path.read_text("utf-8").splitlines()
    assert json.loads(line)["note"] == "dry"


def test_a_full_disk_is_said_in_a_line(
    page: Page, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object) -> None:
        msg = "ana.jsonl: the disk is full. Free some space; nothing lost."
        raise StorageError(msg)

    monkeypatch.setattr("framing.coding.session.append_labels", fail)
    answer = post(page, GOOD)
    assert answer.status == 507
    assert answer.json["error"].startswith("ana.jsonl: the disk is full.")
    assert page.session.n_done == 0


def test_a_bug_is_no_traceback_on_the_page(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*args: object) -> None:
        msg = "secret"
        raise RuntimeError(msg)

    monkeypatch.setattr(CodingSession, "decide", fail)
    with served(make_session(path)) as page:
        answer = post(page, GOOD)
    assert answer.status == 500
    assert answer.json == {"error": "something broke; the terminal says more"}
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "RuntimeError: secret" in caplog.text


def test_two_pages_at_once_lose_nothing(page: Page, path: Path) -> None:
    def work(code: str) -> None:
        for unit in range(10):
            wish = {**GOOD, "unit": unit, "codes": [code]}
            statuses.append(post(page, wish).status)

    statuses: list[int] = []
    codes = ("rivalry", "sanctions")
    threads = [threading.Thread(target=work, args=[code]) for code in codes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 20
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    found = {(line["start"], *line["codes"]) for line in lines}
    assert len(lines) == len(found) == 20
    assert page.session.n_done == 10


@pytest.mark.slow
def test_eight_clients_at_once_get_quick_answers_and_all_is_kept(path: Path) -> None:
    [unit, *_] = make_units()
    units = [replace(unit, doc_id=f"post-{i:04}") for i in range(2000)]
    took: list[float] = []
    stop = time.monotonic() + 10

    def work(own: int) -> None:
        connection = http.client.HTTPConnection(HOST, page.port, timeout=10)
        for i in range(own, len(units), 8):
            start = time.monotonic()
            if start > stop:
                break
            connection.request(
                "POST", "/api/label", json.dumps({**GOOD, "unit": i}), JSON
            )
            with connection.getresponse() as answer:
                assert answer.status == 200
                answer.read()
            took.append(time.monotonic() - start)
        connection.close()

    with served(make_session(path, units)) as page, ThreadPoolExecutor(8) as clients:
        list(clients.map(work, range(8)))
    assert len(path.read_text("utf-8").splitlines()) == len(took) > 200
    # An answer held back for an acknowledgement takes 40 ms and more.
    assert sorted(took)[len(took) // 2] < 0.04


def test_slow_clients_keep_nobody_out_and_are_cut(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "SECONDS_TO_ASK", 0.5)
    slow = [hold_on(page, b"GET / HTTP/1.1\r\nHost: x\r\n") for _ in range(15)]
    slow += [hold_on(page) for _ in range(8)]
    slow += [hold_on(page, half_a_label(page)) for _ in range(8)]
    assert ask(page, "GET", TASK, None, TOKENS).status == 200
    for connection in slow:
        assert is_cut(connection)
    assert post(page, GOOD).status == 200


def test_a_trickle_does_not_keep_a_connection(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "SECONDS_TO_ASK", 0.5)
    start = time.monotonic()
    with hold_on(page, b"GET / HTTP/1.1\r\n") as connection:
        while time.monotonic() - start < 10:
            try:
                connection.sendall(b"X-Slow: 1\r\n")
            except ConnectionError:
                break
            time.sleep(0.05)
    assert time.monotonic() - start < 5


def test_the_33rd_connection_is_closed_at_once(page: Page) -> None:
    held = [hold_on(page) for _ in range(MAX_CONNECTIONS)]
    start = time.monotonic()
    assert is_cut(hold_on(page))
    assert time.monotonic() - start < server_module.SECONDS_TO_ASK
    for connection in held:
        connection.close()


def hold_on(page: Page, text: bytes = b"") -> socket.socket:
    connection = socket.create_connection((HOST, page.port), timeout=10)
    connection.sendall(text)
    return connection


def half_a_label(page: Page) -> bytes:
    lines = [
        "POST /api/label HTTP/1.1",
        f"Host: 127.0.0.1:{page.port}",
        *(f"{name}: {value}" for name, value in JSON.items()),
        "Content-Length: 100",
    ]
    return "\r\n".join([*lines, "", '{"unit"']).encode()


def is_cut(connection: socket.socket) -> bool:
    """Wait for the other side to close; close this one too."""
    with connection:
        try:
            return connection.recv(1) == b""
        except ConnectionError:
            return True


def test_a_port_in_use_is_said_in_a_line(path: Path) -> None:
    with open_socket(0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StorageError) as error:
            serve(make_session(path), port=port, open_browser=False, say=print)
    assert error.value.exit_code == 6
    assert str(error.value) == (
        f"port {port}: Address already in use. Choose another by --port, or none."
    )


def test_only_this_machine_is_listened_to() -> None:
    with open_socket(0) as listener:
        assert listener.getsockname()[0] == "127.0.0.1"


SITTING = """
import sys
from pathlib import Path
from framing.web import serve
from tests.browser import make_session
session = make_session(Path(sys.argv[1]))
serve(session, open_browser=False, say=lambda text: print(text, flush=True))
print("ended")
"""


def test_ctrl_c_ends_a_sitting_in_peace_and_each_has_its_own_token(path: Path) -> None:
    tokens = set()
    for _ in range(2):
        command = [sys.executable, "-c", SITTING, str(path)]
        with subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as sitting:
            assert sitting.stdout
            said = sitting.stdout.readline()
            found = re.search(r"http://127\.0\.0\.1:(\d+)/#([\w-]{32}) ", said)
            assert found, said
            tokens.add(found[2])
            page = Page(int(found[1]), make_session(path))
            token = {"X-Framing-Token": found[2]}
            assert ask(page, "GET", TASK, None, token).status == 200
            sitting.send_signal(2)
            out, err = sitting.communicate(timeout=20)
        assert (sitting.returncode, out, err) == (0, "ended\n", "")
    assert len(tokens) == 2


def test_the_browser_is_shown_the_address(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    said: list[str] = []
    done = threading.Event()

    def show(address: str) -> None:
        shown.append(address)
        done.set()

    class Server:
        def run(self, sockets: list[socket.socket]) -> None:
            assert done.wait(10)
            raise KeyboardInterrupt

    monkeypatch.setattr("webbrowser.open", show)
    monkeypatch.setattr(server_module, "make_server", lambda app: Server())
    serve(make_session(path), say=said.append)
    assert shown[0] in said[0]
