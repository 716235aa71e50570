"""Attacks on the wire: messages of the kernel that a client does not expect."""

from __future__ import annotations

from typing import Final

from grader.models import Outcome
from tests.slow.attacks.attack import DIED, TIMED_OUT, UNHARMED, Attack, raised

WIRE: Final = """
import json

kernel = get_ipython().kernel
session, parent = kernel.session, kernel.get_parent("shell")

def say(kind, content, **other):
    content = json.dumps(content).encode()
    session.send(kernel.iopub_socket, kind, content, parent=parent, **other)

def frames(*parts):
    kernel.iopub_socket.send_multipart(list(parts))
"""

# Whatever a kernel says, the end has a name; a kernel whose words cannot be read is given up.
ANY_END: Final = (
    UNHARMED,
    DIED,
    TIMED_OUT,
    raised(""),
    *((outcome, name) for outcome in (Outcome.RAISED,) for name in ("None", "E", "7", "['x']")),
)

SAYINGS: Final = {
    "a stream that is no text": 'say("stream", {"name": "stdout", "text": 7})',
    "a stream without a name": 'say("stream", {"text": "x"})',
    "a stream of a list": 'say("stream", {"name": ["stdout"], "text": ["x"]})',
    "content that is a list": 'say("stream", [])\nsay("display_data", ["data"])',
    "content that is nothing": 'say("display_data", None)\nsay("stream", {})',
    "content that is text": 'say("error", "x")\nsay("status", "idle")',
    "data that is a list": 'say("display_data", {"data": ["x"], "metadata": {}})',
    "data that is nothing": 'say("display_data", {"data": None, "metadata": None})',
    "data of numbers": (
        'say("display_data", {"data": {"text/html": 7, "image/png": [1]}, "metadata": {}})'
    ),
    "a picture that is none": (
        'say("display_data", {"data": {"image/png": "\\ud800!"}, "metadata": {}})'
    ),
    "an error without a cause": 'say("error", {})',
    "an error with a traceback that is none": (
        'say("error", {"ename": None, "evalue": 7, "traceback": 7})'
    ),
    "an error with a list for a name": (
        'say("error", {"ename": ["x"], "evalue": {}, "traceback": [[1], None]})'
    ),
    "a status that is none": 'say("status", {})\nsay("status", {"execution_state": []})',
    "a display id that is a list": (
        'say("display_data", {"data": {}, "metadata": {}, "transient": {"display_id": [1]}})'
    ),
    "a transient that is text": (
        'say("update_display_data", {"data": {}, "metadata": {}, "transient": "x"})'
    ),
    "a kind that nobody knows": 'say("bomb", {})\nsay("", {})\nsay("comm_open", {})',
    "a comm without data": 'say("comm_msg", {"comm_id": 7})',
    "a comm that asks for more": (
        'say("comm_open", {"target_name": "jupyter.widget", "comm_id": "1", "data": {}})\n'
        'say("comm_open", {"target_name": "jupyter.widget", "comm_id": "2", '
        '"data": {"state": {"_model_name": "OutputModel", "msg_id": "x"}}})'
    ),
    "an order to forget its output": 'say("clear_output", {"wait": []})\nsay("clear_output", [])',
    "a reply before its time": (
        "stream = kernel.shell_stream or kernel.shell_socket\n"
        'session.send(stream, "execute_reply", b"[]", parent=parent, ident=b"kernel")'
    ),
    "a count that is none": 'say("execute_input", {"execution_count": [], "code": 7})',
    "a result without a count": 'say("execute_result", {"data": {"text/plain": "x"}})',
    "a message with a wrong signature": (
        'session.key = b"another"\nsay("stream", {"name": "stdout", "text": "x"})'
    ),
    "frames of junk": (
        'frames(b"x")\nframes(b"<IDS|MSG>")\nframes(b"<IDS|MSG>", b"", b"{", b"", b"", b"")'
    ),
    "a message 200,000 levels deep": (
        'deep = b"[" * 200_000 + b"]" * 200_000\n'
        'header = json.dumps(session.msg_header("stream"), default=str).encode()\n'
        'about = json.dumps(parent["header"], default=str).encode()\n'
        'body = [header, about, b"{}", deep]\n'
        'frames(b"stream", b"<IDS|MSG>", session.sign(body), *body)'
    ),
    "a header that is a list": (
        'body = [b"[]", b"[]", b"[]", b"[]"]\n'
        'frames(b"stream", b"<IDS|MSG>", session.sign(body), *body)'
    ),
    "a header that says nothing": (
        'body = [b"{}", json.dumps(parent["header"], default=str).encode(), b"{}", b"{}"]\n'
        'frames(b"stream", b"<IDS|MSG>", session.sign(body), *body)'
    ),
    "a time that is none": (
        'header = dict(session.msg_header("stream"), date="yesterday", version=7)\n'
        'say("stream", {"name": "stdout", "text": "x"}, header=header)'
    ),
    "numbers that are none": (
        'header = json.dumps(session.msg_header("stream"), default=str).encode()\n'
        'about = json.dumps(parent["header"], default=str).encode()\n'
        'body = [header, about, b"{}", b\'{"name": "stdout", "text": NaN, "x": 1e999}\']\n'
        'frames(b"stream", b"<IDS|MSG>", session.sign(body), *body)'
    ),
}

MESSAGES = tuple(
    Attack(
        row=41 if "frames" in cell or "key" in cell else 40,
        does=f"sends {what}",
        cell=f"{WIRE}\n{cell}\ntime.sleep(0.05)",
        ends=ANY_END,
        cell_s=4.0,
        cut=None,
        suspected=None,
        tiers=("room",),
    )
    for what, cell in SAYINGS.items()
)
