"""Attacks on files: reading what is secret, writing what is others', leaving traps behind."""

from __future__ import annotations

from grader.isolation.tiers import ROOM
from tests.slow.attacks.attack import Attack

FILES = (
    Attack(
        row=1,
        does="reads the solutions",
        cell="""
import hashlib
from pathlib import Path

reference = world.checkout + "/solutions/01_exact_line/reference.en.ipynb"
attempt("canary", lambda: open(world.solution).read())
attempt("by descriptor", lambda: os.read(os.open(world.solution, os.O_RDONLY), 1000))
attempt("course", lambda: os.listdir(world.checkout + "/solutions"))
attempt("reference", lambda: hashlib.sha256(open(reference, "rb").read()).hexdigest())
for above in ("..", "../..", "../../..", os.path.dirname(sys.prefix)):
    for found in Path(above).glob("**/solutions/*/reference.*.ipynb"):
        attempt(found, lambda: hashlib.sha256(found.read_bytes()).hexdigest())
""",
        says=("canary ->",),
    ),
    Attack(
        row=50,
        does="reads a course that lies among the programs",
        cell="""
import ctypes, glob, subprocess

libc = ctypes.CDLL(None, use_errno=True)
inside = os.path.relpath(world.course, sys.prefix)
ways = {world.course, "/proc/self/root" + world.course, "/proc/1/root" + world.course,
        os.path.dirname(os.__file__) + "/../../" + inside, f"/usr/../{world.course}"}
attempt("uncover", lambda: libc.syscall(166, world.course.encode(), 2))
for way in ways:
    attempt("list", lambda: os.listdir(way))
    for path in ("solutions/reference.ipynb", "gradebook.db"):
        attempt("read", lambda: open(f"{way}/{path}").read())
    for path in glob.glob(way + "/**", recursive=True):
        if os.path.isfile(path):
            print(open(path).read())
attempt("write", lambda: open(f"{world.course}/{world.mark}", "w"))
search = ["find", "/", "-not", "-path", "/proc/*", "(", "-name", "gradebook.db",
          "-o", "-name", "reference*.ipynb", ")"]
found = subprocess.run(search, capture_output=True, text=True).stdout.splitlines()
# Another siege of this machine, beside this one, has a course of its own there.
others = f"{os.path.dirname(world.course)}/attacked-"
print("found ->", [path for path in found
                   if not path.startswith(others) or path.startswith(world.course)])
""",
        tiers=(ROOM,),
        says=("list ->", "found -> []"),
        silent=("uncover -> 0", "list -> ['"),
    ),
    Attack(
        row=2,
        does="reads what others handed in",
        cell="""
attempt("list", lambda: os.listdir(os.path.dirname(world.submission)))
attempt("read", lambda: open(world.submission).read())
attempt("grades", lambda: open(world.grades).read())
attempt("copy", lambda: __import__("shutil").copy(world.submission, "mine"))
attempt("link", lambda: os.link(world.submission, "mine"))
attempt("mine", lambda: open("mine").read())
""",
        says=("read ->",),
    ),
    Attack(
        row=3,
        does="writes grades and solutions",
        cell="""
for path in (world.grades, world.solution):
    attempt("overwrite", lambda: open(path, "w").write("100"))
    attempt("append", lambda: open(path, "a").write("100"))
    attempt("truncate", lambda: os.truncate(path, 0))
    attempt("rename", lambda: os.rename(path, path + ".old"))
    attempt("remove", lambda: os.remove(path))
attempt("make", lambda: open(world.folder + "/new", "w").write("mine"))
attempt("folder", lambda: os.mkdir(world.folder + "/folder"))
attempt("link", lambda: os.symlink(world.solution, world.folder + "/link"))
attempt("pipe", lambda: os.mkfifo(world.folder + "/pipe"))
""",
        says=("overwrite ->",),
    ),
    Attack(
        row=3,
        does="changes who may read grades and when they were written",
        cell="""
attempt("mode", lambda: os.chmod(world.grades, 0o600))
attempt("folder", lambda: os.chmod(world.folder, 0o700))
attempt("times", lambda: os.utime(world.grades, (0, 0)))
attempt("attribute", lambda: os.setxattr(world.grades, "user.mark", b"mine"))
attempt("owner", lambda: os.chown(world.grades, os.getuid(), os.getgid()))
""",
        gaps={"file_attributes": frozenset({"files were changed"})},
        says=("mode ->",),
    ),
    Attack(
        row=23,
        does="reads the solutions by shell and magics",
        cell="""
shell = get_ipython()
attempt("!", lambda: shell.system(f"cat {world.solution}"))
attempt("bash", lambda: shell.run_cell_magic("bash", "", f"cat {world.solution}"))
attempt("sh", lambda: shell.run_cell_magic("sh", "--out seen", f"cat {world.grades}"))
attempt("run", lambda: shell.run_line_magic("run", world.solution))
attempt("load", lambda: shell.run_line_magic("load", world.solution))
attempt("sx", lambda: shell.run_line_magic("sx", f"cat {world.solution}"))
print(seen if "seen" in globals() else "")
""",
        says=("run ->",),
    ),
    Attack(
        row=24,
        does="leaves links, locked and deep folders where its own things lie",
        cell="""
os.symlink(world.solution, "answers.ipynb")
os.symlink(world.folder, "course")
os.mkdir("locked")
open("locked/file", "w").write("x")
os.chmod("locked", 0)
where = os.getcwd()
for _ in range(1500):
    os.mkdir("deeper")
    os.chdir("deeper")
os.chdir(where)
attempt("through the link", lambda: open("answers.ipynb").read())
attempt("over the link", lambda: open("course/grades.csv", "w").write("100"))
""",
        says=("through the link ->",),
    ),
    Attack(
        row=25,
        does="plants settings and modules for the next student",
        cell="""
from pathlib import Path

planted = f"raise SystemExit('{world.mark}')"
homes = {Path.home(), Path(os.environ["HOME"]), Path("/root"), Path("/home"), Path("/")}
for home in homes:
    for name in (".ipython/profile_default/startup/00.py", ".config/matplotlib/matplotlibrc",
                 ".local/lib/python3.11/site-packages/usercustomize.py", ".bashrc", ".profile"):
        def plant(path=home / name):
            path.parent.mkdir(parents=True, exist_ok=True)
            return path.write_text(planted)
        attempt(home / name, plant)
for folder in ("", "..", sys.prefix, os.environ.get("MPLCONFIGDIR", ""), "/tmp", "/var/tmp"):
    for name in ("torch.py", "numpy.py", "matplotlibrc", f"{world.mark}.pth"):
        attempt(folder + name, lambda: open(os.path.join(folder, name), "w").write(planted))
""",
        says=("torch.py ->",),
    ),
    Attack(
        row=26,
        does="writes into the installed packages",
        cell="""
import ipykernel, numpy, torch

for folder in {os.path.dirname(os.path.dirname(m.__file__)) for m in (numpy, torch, ipykernel)}:
    attempt("module", lambda: open(f"{folder}/{world.mark}.py", "w").write("import os"))
    attempt("pth", lambda: open(f"{folder}/{world.mark}.pth", "w").write("import os"))
attempt("torch", lambda: open(torch.__file__, "a").write(""))
attempt("python", lambda: open(sys.executable, "r+b").close())
attempt("libc", lambda: open("/usr/lib/os-release", "a").close())
attempt("remount", lambda: os.system("mount -o remount,rw / 2>&1; mount -o remount,rw /usr 2>&1"))
attempt("again", lambda: open(f"{sys.prefix}/{world.mark}", "w").write("x"))
attempt("opened", lambda: [open(m.__file__, "a") for m in (numpy, torch)])
""",
        silent=("opened -> [",),
        says=("module ->",),
    ),
    Attack(
        row=1,
        does="looks for a door among the descriptors that it was born with",
        cell="""
for fd in os.listdir("/proc/self/fd"):
    target = f"/proc/self/fd/{fd}"
    if not os.path.isdir(target):
        continue
    attempt(f"{fd} {os.readlink(target)}", lambda: os.open("..", os.O_RDONLY, dir_fd=int(fd)))
    attempt("through", lambda: open(f"/proc/self/fd/{fd}/..{world.solution}").read())
    attempt("up", lambda: os.open("../../../.." + world.solution, os.O_RDONLY, dir_fd=int(fd)))
attempt("root", lambda: open("/proc/self/root" + world.solution).read())
attempt("init", lambda: open("/proc/1/root" + world.solution).read())
attempt("parent", lambda: open(f"/proc/{os.getppid()}/root" + world.solution).read())
attempt("grader", lambda: open(f"/proc/{world.grader}/cwd/README.md").read(100))
""",
        says=("root ->",),
    ),
)
