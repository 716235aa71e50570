"""The review page's addresses: what is shown, and what a form does."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlencode

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from grader.errors import DecidedMeanwhile, GraderError, UsageError
from grader.grading import points_of
from grader.language.messages import say
from grader.web.desk import Filter, Looked
from grader.web.guard import Guard
from grader.web.sheet import Sent, review_html

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.types import ASGIApp

    from grader.language.messages import Message
    from grader.web.desk import Desk
    from grader.web.guard import Keys

_MOST_BYTES: Final = 100_000
_CHANGED: Final = 409
_UNUSABLE: Final = 422


@dataclass(frozen=True, slots=True)
class Form:
    """What was sent: the fields of a form, or of an address."""

    fields: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "")

    @property
    def wanted(self) -> Filter:
        """Which submissions the reviewer goes through."""
        return Filter(self["verdict"], self["diagnosis"], self["name"])

    @property
    def looked(self) -> Looked:
        """What the reviewer was looking at."""
        return Looked(self["assignment"], self["student"], self["state"])

    @property
    def sent(self) -> Sent:
        """What was typed."""
        return Sent(self["do"], self["check"], self["points"], self["reason"], self["comment"])

    def address(self) -> str:
        """The address of the same work among the same submissions."""
        place = {"assignment": self["assignment"], "student": self["student"]}
        return "/work?" + urlencode({**place, **asdict(self.wanted)})


@dataclass(frozen=True, slots=True)
class Addresses:
    """Answers requests with the desk's work."""

    desk: Desk
    keys: Keys

    async def work(self, request: Request) -> Response:
        """A submission, with the notebook, the evidence and the report side by side."""
        form = Form(dict(request.query_params))
        if form["assignment"] not in ("", *self.desk.assignments):
            return PlainTextResponse("There is no such assignment.", 404)
        return await run_in_threadpool(self._shown, form)

    async def decide(self, request: Request) -> Response:
        """Carry out what a form says, and show the work as it is then."""
        body = await _body(request)
        if body is None:
            return PlainTextResponse("Too long.", 413)
        fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
        form = Form({name: values[-1] for name, values in fields.items()})
        if form["assignment"] not in self.desk.assignments:
            return PlainTextResponse("There is no such assignment.", 404)
        if form["form"] != self.keys.form:
            return PlainTextResponse("This form is from an earlier review.", 403)
        return await run_in_threadpool(self._decided, form)

    def _decided(self, form: Form) -> Response:
        try:
            self._carry_out(form)
        except DecidedMeanwhile as error:
            return self._shown(form, error.message, _CHANGED)
        except GraderError as error:
            return self._shown(form, error.message, _UNUSABLE)
        return RedirectResponse(form.address(), 303)

    def _carry_out(self, form: Form) -> None:
        match form["do"]:
            case "override":
                self.desk.override(form.looked, form["check"], _points(form), form["reason"])
            case "comment":
                self.desk.comment(form.looked, form["comment"])
            case "release":
                self.desk.release(form.looked)
            case "choose":
                self.desk.choose(form.looked, form["version"])
            case "undo":
                self.desk.undo(form.looked)
            case _:
                raise UsageError(say("This form says nothing that can be done."))

    def _shown(self, form: Form, notice: Message | None = None, status: int = 200) -> Response:
        html = review_html(
            self.desk,
            assignment=form["assignment"] or next(iter(self.desk.assignments)),
            student=form["student"],
            wanted=form.wanted,
            form=self.keys.form,
            notice=notice,
            sent=form.sent if notice else Sent(),
        )
        return HTMLResponse(html, status)


def review_app(desk: Desk, keys: Keys, port: int) -> ASGIApp:
    """The review page for whoever has the link with `keys.token`, at this port of this machine."""
    addresses = Addresses(desk, keys)
    app = Starlette(
        routes=[
            Route("/work", addresses.work),
            Route("/decide", addresses.decide, methods=["POST"]),
            Route("/style.css", _file("text/css", "style.css", "review.css")),
            Route("/review.js", _file("text/javascript", "review.js")),
        ]
    )
    return Guard(app, keys, frozenset({f"127.0.0.1:{port}", f"localhost:{port}"}))


def _file(kind: str, *names: str) -> ASGIApp:
    folder = files("grader.reporting").joinpath("templates")
    text = "\n".join(folder.joinpath(name).read_text(encoding="utf-8") for name in names)
    return Response(text, media_type=kind)


def _points(form: Form) -> float:
    points = points_of(form["points"])
    if points is None:
        raise UsageError(say("Points are a number, such as 7.5."))
    return points


async def _body(request: Request) -> bytes | None:
    """What was sent; None where it is too long, of which no more is read than tells so."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BYTES:
            return None
    return bytes(body)


def serve(desk: Desk, keys: Keys, listener: socket.socket) -> None:
    """Serve the review page on a socket that listens, until it is interrupted."""
    app = review_app(desk, keys, listener.getsockname()[1])
    config = uvicorn.Config(app, log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[listener])
