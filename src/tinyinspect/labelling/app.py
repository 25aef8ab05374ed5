"""The page's server: JSON and JPEG below an address that holds a secret, on this computer alone.

    /TOKEN/                     the page
    /TOKEN/state                what stands around the frames
    /TOKEN/queue?order=...      make a queue
    /TOKEN/frames?queue=1&begin=0&count=60
    /TOKEN/frame?row=17         one frame
    /TOKEN/similar?row=17       the frames most like it
    /TOKEN/picture/17.jpg       as recorded;  /TOKEN/thumbnail/17.jpg  small
    /TOKEN/label /skip /undo /settle_by_time      POST

Whoever does not know the token gets nothing: another user of the computer, or a web page that guesses the port.
"""

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tinyinspect.errors import InputError
from tinyinspect.labelling.queues import Only, Order, Wish
from tinyinspect.labelling.session import Session

PAGE = Path(__file__).with_name("page")
_HEADERS = {
    "content-security-policy": "default-src 'none'; img-src 'self'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",  # the address holds the token
    "x-content-type-options": "nosniff",
}
_FOR_EVER = {"cache-control": "private, max-age=31536000, immutable"}


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")

    queue: int


class _Labels(_Body):
    labels: dict[int, str]
    how: str


class _Row(_Body):
    row: int


B = TypeVar("B", bound=BaseModel)
T = TypeVar("T")


def application(session: Session, token: str) -> Starlette:
    """The server's application for one session under one token."""

    def state(request: Request) -> Any:
        return session.state()

    def queue(request: Request) -> Any:
        return session.queue(_wish(request))

    def frames(request: Request) -> Any:
        return session.frames(*(_number(request, name) for name in ("queue", "begin", "count")))

    def frame(request: Request) -> Any:
        return session.frame(_number(request, "row"))

    def similar(request: Request) -> Any:
        return session.similar(_number(request, "row"))

    def label(body: _Labels) -> Any:
        return session.label(body.labels, body.how, body.queue)

    def skip(body: _Row) -> Any:
        return session.skip(body.row, body.queue)

    def undo(body: _Body) -> Any:
        return session.undo(body.queue)

    def settle_by_time(body: _Body) -> Any:
        return session.settle_by_time(body.queue)

    routes = [
        *(Route(f"/{ask.__name__}", _answering(ask)) for ask in (state, queue, frames, frame, similar)),
        Route("/label", _doing(label, _Labels), methods=["POST"]),
        Route("/skip", _doing(skip, _Row), methods=["POST"]),
        Route("/undo", _doing(undo, _Body), methods=["POST"]),
        Route("/settle_by_time", _doing(settle_by_time, _Body), methods=["POST"]),
        Route("/picture/{row:int}.jpg", _showing(session.picture)),
        Route("/thumbnail/{row:int}.jpg", _showing(session.thumbnail)),
        Mount("/", StaticFiles(directory=PAGE, html=True)),
    ]
    return Starlette(
        routes=[Route("/{token}", _with_slash), Mount("/{token}", _guarded(routes, token)), Route("/", _refused)],
        middleware=[
            Middleware(_Headers),
            # A page elsewhere whose name is made to lead here still sends its own name.
            Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"], www_redirect=False),
        ],
    )


class _Headers:
    """Adds what a browser must know to every answer."""

    def __init__(self, app: ASGIApp):
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name for name, _ in message["headers"]}
                wanted = {"cache-control": "no-cache"} | _HEADERS
                more = [(name.encode(), value.encode()) for name, value in wanted.items()]
                message["headers"] = [*message["headers"], *(one for one in more if one[0] not in present)]
            await send(message)

        await self._app(scope, receive, with_headers)


def _guarded(routes: list[Any], token: str) -> ASGIApp:
    inside = Starlette(routes=routes)

    async def guard(scope: Scope, receive: Receive, send: Send) -> None:
        given = scope.get("path_params", {}).get("token", "")
        app = inside if secrets.compare_digest(given.encode(), token.encode()) else _REFUSAL
        await app(scope, receive, send)

    return guard


_REFUSAL = PlainTextResponse(
    "This address is not complete, or from an earlier run. Open the one that `tinyinspect label` printed.\n", 403
)


async def _refused(request: Request) -> Response:
    return _REFUSAL


async def _with_slash(request: Request) -> Response:
    return RedirectResponse(f"{request.url.path}/")


def _answering(ask: Callable[[Request], Any]) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        return await _answer(ask, request)

    return answer


def _doing(do: Callable[[B], Any], body: type[B]) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        try:
            wanted = body.model_validate_json(await request.body())
        except ValidationError as error:
            return JSONResponse({"error": f"the page asked for something odd ({error}); reload it"}, 400)
        return await _answer(do, wanted)

    return answer


async def _answer(work: Callable[[T], Any], asked: T) -> Response:
    try:
        return JSONResponse(await run_in_threadpool(work, asked))
    except InputError as error:
        return JSONResponse({"error": str(error)}, 409)


def _showing(picture: Callable[[int], bytes]) -> Callable[[Request], Any]:
    async def show(request: Request) -> Response:
        try:
            jpeg = await run_in_threadpool(picture, request.path_params["row"])
        except InputError as error:
            return JSONResponse({"error": str(error)}, 404)
        return Response(jpeg, media_type="image/jpeg", headers=_FOR_EVER)

    return show


def _wish(request: Request) -> Wish:
    asked = request.query_params
    try:
        return Wish(
            Order(asked["order"]),
            Only(asked.get("only", Only.ALL)),
            *(asked.get(name, "") for name in ("recording", "label", "part")),
        )
    except (KeyError, ValueError) as error:
        raise InputError(f"the page asked for an odd list of frames ({error}); reload it") from None


def _number(request: Request, name: str) -> int:
    try:
        return int(request.query_params[name])
    except (KeyError, ValueError):
        raise InputError(f"the page did not say which {name}; reload it") from None
