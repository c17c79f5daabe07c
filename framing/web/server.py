"""The page's server: this machine only, few connections, no patience with slow ones."""

import asyncio
import contextlib
import os
import secrets
import socket
import threading
import webbrowser
from collections.abc import Callable

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from framing.coding.session import CodingSession
from framing.errors import StorageError
from framing.web.app import make_app

HOST = "127.0.0.1"
MAX_CONNECTIONS = 32
"""A browser opens six at most for a site; more than a few pages are no coder's."""

SECONDS_TO_ASK = 5
"""In which a request must have come whole, so that idlers cannot fill all places."""


def serve(
    session: CodingSession,
    *,
    port: int = 0,
    open_browser: bool = True,
    blind: bool = False,
    suggest: bool = False,
    say: Callable[[str], None],
) -> None:
    """Serve a coder's sitting on this machine until Ctrl-C.

    Parameters
    ----------
    session : CodingSession
        The units and where their decisions go.
    port : int
        Where to listen; 0 for any free port.
    open_browser : bool
        Show the page in the browser of this machine.
    blind, suggest : bool
        See `make_app`.
    say : callable
        Told the page's address and how to stop.

    Raises
    ------
    StorageError
        The port is in use or not allowed.
    """
    with open_socket(port) as listener:
        port = listener.getsockname()[1]
        token = secrets.token_urlsafe(24)
        # A fragment stays in the browser: no log, no other site gets to see it.
        address = f"http://{HOST}:{port}/#{token}"
        app = make_app(session, token=token, port=port, blind=blind, suggest=suggest)
        say(f"Label at {address} (only on this machine). Ctrl-C ends; all is saved.")
        if open_browser:
            # Some browsers do not return before they are closed.
            show = threading.Thread(target=webbrowser.open, args=[address], daemon=True)
            show.start()
        with contextlib.suppress(KeyboardInterrupt):
            make_server(app).run(sockets=[listener])


def open_socket(port: int) -> socket.socket:
    """Return a socket that listens on a port of this machine only.

    Raises
    ------
    StorageError
        The port is in use or not allowed.
    """
    # With the protocol named, asyncio sends small answers at once; without it a label
    # took 54 ms in place of 6, waiting for the other side's acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # elsewhere it would let two programs share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(MAX_CONNECTIONS)
    except OSError as error:
        listener.close()
        msg = f"port {port}: {error.strerror}. Choose another by --port, or none."
        raise StorageError(msg) from error
    return listener


def make_server(app: ASGIApp) -> uvicorn.Server:
    """Return the server for an application; it runs on a socket it is given."""
    config = uvicorn.Config(
        app,
        http=Connection,
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_config=None,
        log_level="error",  # a bug shows its traceback; nothing else is said
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    return uvicorn.Server(config)


class Connection(H11Protocol):
    """A connection that is cut when there are too many, or when it dawdles."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(  # type: ignore[override]
        self, transport: asyncio.Transport
    ) -> None:
        """Take the connection if there is room."""
        super().connection_made(transport)
        if len(self.connections) > MAX_CONNECTIONS:
            transport.abort()
        else:
            self._start_waiting()

    def data_received(self, data: bytes) -> None:
        """Take what came; the clock runs until the request is whole."""
        super().data_received(data)
        if self.conn.their_state in (h11.IDLE, h11.SEND_BODY):
            self._start_waiting()
        else:
            self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _start_waiting(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(SECONDS_TO_ASK, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
