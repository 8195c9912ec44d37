"""The page as a server on this machine: its files, how far learning is, and recalls."""

from __future__ import annotations

import asyncio
import secrets
import socket
import threading
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from .asked import read_asked
from .guard import Guard
from .progress import Progress
from .wire import packed

HOST = "127.0.0.1"
LARGEST_REQUEST = 200_000  # bytes: a drawing of the most points that it may have
PATIENCE = 10.0  # seconds that a recall has to end when the page is closed
_STATIC = Path(__file__).parent / "static"


class _Refused(Exception):
    """A request that is answered with a status and one sentence."""


def application(progress: Progress) -> Starlette:
    """What the page asks: ``api/state`` and ``api/recall``, beside its files."""
    turn = asyncio.Lock()

    async def page(request: Request) -> Response:
        return FileResponse(_STATIC / "index.html")

    async def state(request: Request) -> Response:
        return JSONResponse(progress.described())

    async def recall(request: Request) -> Response:
        recaller = progress.recaller
        if recaller is None:
            raise _Refused(503, "The network has not learned yet: wait until it has.")
        if request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
            raise _Refused(415, "The request is no JSON: say Content-Type: application/json.")
        body = await _body(request)
        try:
            images = recaller.dataset.test_images
            asked = read_asked(body, len(images), images[0].size)
        except ValueError as error:
            raise _Refused(400, str(error)) from None
        async with turn:  # one recall after the other, whichever tab asks
            if await request.is_disconnected():  # it has asked for something newer
                return Response(status_code=499)
            try:
                content = await run_in_threadpool(lambda: packed(recaller.recall(asked), recaller))
            except RuntimeError as error:
                raise _Refused(503, str(error)) from None
        return Response(content, media_type="application/octet-stream")

    async def refused(request: Request, error: Exception) -> Response:
        status, text = error.args
        return JSONResponse({"error": text}, status)

    return Starlette(
        routes=[
            Route("/", page), Route("/api/state", state), Route("/api/recall", recall, methods=["POST"]),
            Mount("/static", StaticFiles(directory=_STATIC)),
        ],
        exception_handlers={_Refused: refused},
    )  # fmt: skip


async def _body(request: Request) -> bytes:
    """What a request sends, unless it is too long."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_REQUEST:
            raise _Refused(413, f"The request is too long: give at most {LARGEST_REQUEST} bytes.")
    return body


class PageServer:
    """Serves the page in a thread of its own, from `__enter__` to `__exit__`.

    Parameters
    ----------
    progress : Progress
    port : int
        0 for one that is free.

    Attributes
    ----------
    port : int
    address : str
        With the token that it takes to be let in.

    Raises
    ------
    OSError
        If the port cannot be had.
    """

    def __init__(self, progress: Progress, port: int = 0) -> None:
        self._socket = _listening(port)
        self.port: int = self._socket.getsockname()[1]
        token = secrets.token_urlsafe(32)
        self.address = f"http://{HOST}:{self.port}/{token}/"
        # Headers of proxies are not for a server that has none before it.
        self._server = uvicorn.Server(uvicorn.Config(
            Guard(application(progress), token, self.port), log_level="warning", access_log=False,
            lifespan="off", ws="none", loop="asyncio", http="h11", proxy_headers=False,
            server_header=False, limit_concurrency=64, timeout_graceful_shutdown=3,
        ))  # fmt: skip
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="page", daemon=True)

    def __enter__(self) -> PageServer:
        self._thread.start()
        return self

    def _run(self) -> None:
        try:
            self._server.run(sockets=[self._socket])
        finally:
            self._ended.set()

    def wait(self) -> None:
        """Wait for Ctrl-C, or for the server to end.

        Not by joining the thread: when Ctrl-C comes then, Python takes the thread to have ended.
        """
        self._ended.wait()

    def __exit__(self, *_: Any) -> None:
        self._server.should_exit = True
        self._thread.join(PATIENCE)
        self._socket.close()


def _listening(port: int) -> socket.socket:
    listening = socket.socket()
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((HOST, port))
        listening.listen()
    except OSError as error:
        listening.close()
        raise OSError(
            f"port {port} cannot be had ({error.strerror}): give another by --port, or none for one "
            "that is free."
        ) from None
    return listening
