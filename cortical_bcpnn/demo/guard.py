"""Who may see the page: whoever knows its address, from this machine, on a page of its own."""

from __future__ import annotations

import secrets

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: The page takes scripts, pictures and answers from this server, and is shown in no other page.
_HEADERS = {
    b"content-security-policy": b"default-src 'none'; script-src 'self'; style-src 'self'; "
    b"img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    b"frame-ancestors 'none'",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"referrer-policy": b"no-referrer",  # the address holds the token
    b"x-content-type-options": b"nosniff",
    b"cache-control": b"no-store",
}


class Guard:
    """Lets requests through whose address begins with the token, and takes it off.

    A page of another site that has the browser send requests here (DNS rebinding, forged requests)
    knows neither the token nor this origin.

    Parameters
    ----------
    app : ASGIApp
    token : str
        First part of the path of every address.
    port : int
        That hosts and origins must name.
    """

    def __init__(self, app: ASGIApp, token: str, port: int) -> None:
        self._app, self._token = app, token.encode()
        self._hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost")}
        self._origins = {f"http://{host}" for host in self._hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers, hardened = Headers(scope=scope), _hardened(send)
        _, first, rest = (*scope["path"].split("/", 2), None)[:3]
        app: ASGIApp
        if headers.getlist("host") != [headers.get("host")] or headers["host"] not in self._hosts:
            app = PlainTextResponse("This page is at the address that the terminal shows.", 421)
        elif headers.get("origin", next(iter(self._origins))) not in self._origins:
            app = PlainTextResponse("Pages of other sites may ask for nothing here.", 403)
        elif not secrets.compare_digest((first or "").encode(), self._token):
            app = PlainTextResponse("Open the whole address that the terminal shows.", 403)
        elif rest is None:
            app = RedirectResponse(f"/{first}/")
        else:
            app, scope = self._app, {**scope, "path": f"/{rest}", "raw_path": f"/{rest}".encode()}
        await app(scope, receive, hardened)


def _hardened(send: Send) -> Send:
    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [(n, v) for n, v in message["headers"] if n.lower() not in _HEADERS]
            message = {**message, "headers": [*headers, *_HEADERS.items()]}
        await send(message)

    return with_headers
