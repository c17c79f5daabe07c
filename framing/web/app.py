"""What the page asks for: the task, a unit, and to keep a decision."""

import json
from importlib.resources import files
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from framing.codebook import Code
from framing.coding.session import MAX_NOTE, CodingSession
from framing.errors import LabelError, StorageError
from framing.records import Label
from framing.web.guard import SAFE_HEADERS, Guard

PAGE = {
    "/": ("index.html", "text/html"),
    "/page.css": ("page.css", "text/css"),
    "/page.js": ("page.js", "text/javascript"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
}
"""The files of the page; nothing else is read from the disk for it."""

_MAX_DIGITS = 9


def make_app(
    session: CodingSession,
    *,
    token: str,
    port: int,
    blind: bool = False,
    suggest: bool = False,
) -> Starlette:
    """Return the application that serves a coder's sitting.

    Parameters
    ----------
    session : CodingSession
        The units and where their decisions go.
    token : str
        What every request for data must bring as a header.
    port : int
        Where the application will listen.
    blind : bool
        Do not give away title, source and date of the article.
    suggest : bool
        Give the model's suggestion with each unit.
    """
    api = _Api(session, blind=blind, suggest=suggest)
    app = Starlette(
        routes=[
            *(_page_route(path, name, kind) for path, (name, kind) in PAGE.items()),
            Route("/api/task", api.task),
            Route("/api/unit/{number}", api.unit),
            Route("/api/label", api.label, methods=["POST"]),
        ],
        middleware=[Middleware(Guard, token=token, port=port)],
        exception_handlers={
            HTTPException: _refuse,
            LabelError: _refuse,
            StorageError: _say_not_saved,
            Exception: _say_broken,
        },
    )
    app.router.redirect_slashes = False
    return app


class _Api:
    """The three things the page asks for."""

    def __init__(self, session: CodingSession, *, blind: bool, suggest: bool) -> None:
        self._session = session
        self._blind = blind
        self._suggest = suggest

    def task(self, request: Request) -> Response:
        """Return who codes by which codebook, and how far it has come."""
        book = self._session.codebook
        return JSONResponse(
            {
                "coder": self._session.coder,
                "codebook": {
                    "name": book.name,
                    "version": book.version,
                    "language": book.language,
                    "coding": book.coding,
                    "codes": [_code_record(code) for code in book.codes],
                    "stances": book.stances,
                },
                "n_units": len(self._session.units),
                "max_note": MAX_NOTE,
                "blind": self._blind,
                "suggest": self._suggest,
                "n_done": self._session.n_done,
                "first_open": self._session.first_open(),
            }
        )

    def unit(self, request: Request) -> Response:
        """Return a unit with its decision."""
        number = request.path_params["number"]
        if not (number.isascii() and number.isdigit() and len(number) <= _MAX_DIGITS):
            raise HTTPException(404)
        i = int(number)
        if i >= len(self._session.units):
            raise HTTPException(404)
        unit = self._session.units[i]
        record: dict[str, Any] = {
            "text": unit.text,
            "before": unit.before,
            "after": unit.after,
            "targets": unit.targets,
            "decision": _decision_record(self._session.decision(i)),
            "next_open": self._session.first_open(i + 1),
        }
        if not self._blind:
            record |= {"title": unit.title, "source": unit.source, "date": unit.date}
        if self._suggest and unit.suggestion:
            found = unit.suggestion
            record["suggestion"] = {"codes": found.codes, "stance": found.stance}
        return JSONResponse(record)

    async def label(self, request: Request) -> Response:
        """Keep a decision; answer when it is on the disk."""
        try:
            body = await request.body()
        except ClientDisconnect:  # the page was closed half-way: nobody to answer
            return Response(status_code=400)
        wish = _read_wish(body, len(self._session.units))
        label = await run_in_threadpool(self._session.decide, *wish)
        return JSONResponse(
            {
                "decision": _decision_record(label),
                "n_done": self._session.n_done,
                "next_open": self._session.first_open(wish[0] + 1),
            }
        )


def _read_wish(body: bytes, n_units: int) -> tuple[int, list[str], dict[str, str], str]:
    """Return unit, codes, stance and note of a request to keep a decision."""
    try:
        record = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, "not JSON") from error
    match record:
        case {
            "unit": int(unit),
            "codes": list(codes),
            "stance": dict(stance),
            "note": str(note),
        } if (
            len(record) == 4
            and type(unit) is int  # true is an int too
            and 0 <= unit < n_units
            and all(isinstance(text, str) for text in (*codes, *stance.values()))
        ):
            return unit, codes, stance, note
    raise HTTPException(400, "expected {unit, codes, stance, note}")


def _code_record(code: Code) -> dict[str, Any]:
    return {
        "name": code.name,
        "title": code.title,
        "definition": code.definition,
        "include": code.include,
        "exclude": code.exclude,
        "examples": code.examples,
    }


def _decision_record(label: Label | None) -> dict[str, Any] | None:
    if label is None:
        return None
    return {
        "codes": label.codes,
        "stance": label.stance,
        "note": label.note,
        "time": label.time,
    }


def _page_route(path: str, name: str, kind: str) -> Route:
    content = (files("framing.web") / "page" / name).read_bytes()

    def send(request: Request) -> Response:
        return Response(content, media_type=kind)

    return Route(path, send)


def _refuse(request: Request, error: Exception) -> Response:
    """Answer what was asked wrongly; what writes is no page to GET."""
    if isinstance(error, HTTPException) and error.status_code in (404, 405):
        return JSONResponse({"error": "no such page"}, 404)
    reason = error.detail if isinstance(error, HTTPException) else str(error)
    return JSONResponse({"error": reason}, 400)


def _say_not_saved(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, 507)


def _say_broken(request: Request, error: Exception) -> Response:
    """Answer for a bug; its traceback goes to the terminal, never to the page."""
    answer = {"error": "something broke; the terminal says more"}
    return JSONResponse(answer, 500, headers=dict(SAFE_HEADERS))
