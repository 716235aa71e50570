"""Two notebooks at once: the one cannot see, hear or harm the other."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from grader.isolation.tiers import LANDLOCK, ROOM
from grader.models import Outcome
from tests.kernels.running import linux_only
from tests.notebooks import SETUP
from tests.slow.attacks.processes import descendants
from tests.slow.attacks.siege import HONEST, everything_said, lesson

if TYPE_CHECKING:
    from tests.slow.attacks.siege import Siege

pytestmark = [pytest.mark.environment, linux_only]

VICTIM_S = 5

# Its secrets: in its memory, its environment, a file, a process, and in what it shows.
VICTIM = f"""
import subprocess, uuid

secret = "vic" + "tim-" + uuid.uuid4().hex
os.environ["SECRET"] = secret
open("secret.txt", "w").write(secret)
subprocess.Popen(["sleep", "60"], env={{"SECRET": secret}})
for _ in range({VICTIM_S * 10}):
    print(secret, flush=True)
    time.sleep(0.1)
"""

ATTACKER = """
import ctypes, glob, json, re, signal, socket, zmq

pattern = re.compile(b"vic" b"tim-[0-9a-f]{32}")
own = os.getcwd()
for pid in neighbours:
    attempt("stop", lambda: os.kill(pid, signal.SIGSTOP))
    attempt("kill", lambda: os.kill(pid, signal.SIGKILL))
    for part in ("environ", "mem", "cwd/secret.txt", "root/w/work/secret.txt", "fd"):
        attempt(part, lambda: pattern.findall(open(f"/proc/{pid}/{part}", "rb").read(100_000)))
for path in (*glob.glob("/tmp/grader-*/work/secret.txt"), *glob.glob("/w/*/secret.txt")):
    attempt(path, lambda: open(path).read())
for path in glob.glob("/tmp/grader-*/run/*.json"):
    attempt(path, lambda: json.load(open(path))["key"])
heard = zmq.Context().socket(zmq.SUB)
heard.subscribe(b"")
heard.rcvtimeo = 1500
for protocol in (4, 9, 16):
    attempt("netlink", lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol))
libc = ctypes.CDLL(None, use_errno=True)
told = libc.inotify_init1(os.O_NONBLOCK)
print("told ->", libc.inotify_add_watch(told, b"/tmp", 0x100) if own != "/w/work" else -1)
for line in open("/proc/net/unix"):
    path = line.split()[-1]
    if path.startswith("/") and path.endswith("k-2") and not own.startswith(path[:-len("run/k-2")]):
        heard.connect("ipc://" + path)
for port in (5002, *range(30000, 30010)):
    if port != 5002 or own != "/w/work":
        heard.connect(f"tcp://127.0.0.1:{port}")
until = time.monotonic() + 1.5
while time.monotonic() < until:
    try:
        for frame in heard.recv_multipart():
            if found := pattern.findall(frame):
                print("heard ->", found)
                until = 0
    except zmq.ZMQError as error:
        print(error)
"""


@pytest.mark.parametrize("siege", [ROOM, LANDLOCK], indirect=True, scope="module")
def test_a_notebook_gets_nothing_of_the_one_beside_it(siege: Siege) -> None:
    siege.world.begin(siege.servants)
    known = set(siege.servants)
    setup = f"{SETUP}\n{siege.world.introduction()}"
    with ThreadPoolExecutor(1) as students:
        victim = students.submit(siege.runner.run, lesson(setup, VICTIM), HONEST)
        time.sleep(2)
        neighbours = sorted(set(descendants()) - known)
        assert neighbours
        told = f"{setup}\nneighbours = {neighbours}"
        attacker = siege.runner.run(lesson(told, ATTACKER), HONEST)
        suffered = victim.result()
    said = everything_said(attacker)
    secret = everything_said(suffered).splitlines()[0]
    assert secret.startswith("victim-")
    assert secret not in said
    assert "netlink -> <socket" not in said
    assert "told -> -1" in said
    assert "stop -> None" not in said
    assert "kill -> None" not in said
    assert suffered.outcome is attacker.outcome is Outcome.COMPLETED
    assert suffered.suspicions == attacker.suspicions == ()
    assert siege.world.breaches("") == set()
    assert siege.next_student() == siege.honest
