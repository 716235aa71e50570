"""Finds in a notebook's text by what its code could get at whatever watches it.

Told from the text, which no code of the notebook can change: what is put back before anyone asks is
still written there. An honest notebook may have a use for such a thing: nobody loses a point by it,
but a person looks.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from grader.language.messages import Message, say
from grader.syntax import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from grader.models import Cell

# Attributes of modules, as they are written in full.
DOORS: Final = frozenset(
    (
        *("gc.get_objects", "gc.get_referrers", "gc.get_referents", "gc.callbacks"),
        *("sys.settrace", "sys.setprofile", "sys._getframe", "sys._current_frames"),
        *("sys.addaudithook", "sys.meta_path", "sys.path_hooks", "sys.modules", "sys.monitoring"),
        *("threading.settrace", "threading.setprofile", "threading._shutdown"),
        *("inspect.currentframe", "inspect.stack", "inspect.getclosurevars", "inspect.trace"),
        *("inspect.getmembers_static", "traceback.walk_stack", "os.fork", "os.forkpty"),
    )
)
MODULES: Final = frozenset(("inside", "ctypes", "_ctypes", "cffi", "bdb"))
# Attributes that lead there from anything.
ATTRIBUTES: Final = frozenset(
    (
        *("__closure__", "cell_contents", "__globals__", "__subclasses__", "__builtins__"),
        "__self__",
        *("f_back", "f_locals", "f_globals", "tb_frame", "gi_frame", "cr_frame", "__wrapped__"),
        *("display_pub", "iopub_socket", "iopub_thread", "do_execute", "execute_request"),
        *("_global_optimizer_pre_hooks", "_global_optimizer_post_hooks"),
        *("_global_forward_hooks", "_global_forward_pre_hooks"),
    )
)
# What runs a text that is not written down here.
RUNS: Final = frozenset(("exec", "eval", "compile", "__import__"))
# Libraries whose functions are looked up by name.
LIBRARIES: Final = frozenset(
    ("sys", "gc", "inspect", "builtins", "ctypes", "IPython", "__builtins__")
)
# Where it is only asked which notebook program this is.
ASKED: Final = ("google", "IPython", "ipykernel", "torch_xla")
# Parts of torch and Python that others' code runs through.
FOUNDATIONS: Final = ("torch.", "json.", "IPython.")
OF_TORCH: Final = (
    *("step", "zero_grad", "backward", "grad", "forward", "__call__", "__setattr__", "__getattr__"),
    *("tolist", "item", "detach", "clone", "reshape", "data", "numpy", "dumps", "publish"),
    *("allclose", "equal", "linear", "mse_loss", "binary_cross_entropy_with_logits"),
    *("SGD", "Linear", "MSELoss", "BCEWithLogitsLoss", "Module", "Tensor", "Parameter"),
    *("named_parameters", "parameters", "manual_seed", "get_rng_state", "set_rng_state"),
)


def reaches(cell: int, way: str) -> Message:
    """What an instructor is told of a cell that could get at what watches it."""
    return say(
        "Cell {cell} uses `{way}`, which can reach what watches the notebook: an instructor has to "
        "look.",
        cell=cell,
        way=way,
    )


def reached(cells: Iterable[Cell]) -> Iterator[Message]:
    """The cells that could get at what watches them, each with the first way that it has."""
    aliases: dict[str, str] = {}
    for cell in cells:
        tree = parse(cell.source) if cell.kind == "code" else None
        if tree is not None:
            aliases |= _imported(tree)
            way = next(_ways(tree, aliases), None)
            if way is not None:
                yield reaches(cell.number, way)


def _imported(tree: ast.AST) -> dict[str, str]:
    """What names stand for that were imported, in full."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {a.asname: a.name for a in node.names if a.asname}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    return found


def _ways(tree: ast.AST, aliases: dict[str, str]) -> Iterator[str]:
    only_asked = {id(each) for node in ast.walk(tree) for each in _asked(node)}
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (a.name for a in names if a.name.partition(".")[0] in MODULES)
            case ast.ImportFrom(module=str(module), names=names):
                full = {module, *(f"{module}.{a.name}" for a in names)}
                yield from sorted(full & DOORS)
                if module.partition(".")[0] in MODULES:
                    yield module
            case ast.Attribute(value=ast.Attribute(attr="events"), attr="callbacks"):
                yield "events.callbacks"
            case ast.Attribute(attr=attr) if id(node) not in only_asked:
                full_name = _full(node, aliases)
                if full_name in DOORS or attr in ATTRIBUTES:
                    yield full_name if full_name in DOORS else attr
            case ast.Name(id=name) if id(node) not in only_asked and (
                name == "__builtins__" or aliases.get(name) in DOORS
            ):
                yield aliases.get(name, name)
            case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name in RUNS:
                yield from _of_text(name, first, aliases)
            case ast.Call(func=ast.Name(id="getattr" | "setattr"), args=[owner, what, *_]):
                yield from _by_name(node, owner, what, aliases)
            case ast.Assign(targets=targets):
                yield from (way for each in targets for way in _replaced(each, aliases))
            case ast.Delete(targets=targets):
                yield from (way for each in targets for way in _replaced(each, aliases))


def _asked(node: ast.AST) -> Iterator[ast.AST]:
    """Parts of a statement that only asks whether, or for, another notebook program's module."""
    match node:
        case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[modules]):
            yield modules
        case (
            ast.Subscript(value=modules, slice=ast.Constant(value=str(name)))
            | ast.Call(
                func=ast.Attribute(value=modules, attr="get"),
                args=[ast.Constant(value=str(name)), *_],
            )
        ) if name.startswith(ASKED):
            yield modules


def _of_text(name: str, text: ast.expr, aliases: dict[str, str]) -> Iterator[str]:
    """What a text reaches that is run as code; one that is worked out may reach anything."""
    if not (isinstance(text, ast.Constant) and isinstance(text.value, str)):
        yield name
    elif name == "__import__":
        yield from (text.value for root in [text.value.partition(".")[0]] if root in MODULES)
    elif (tree := parse(text.value)) is not None:
        yield from _ways(tree, aliases)


def _by_name(
    call: ast.Call, owner: ast.expr, what: ast.expr, aliases: dict[str, str]
) -> Iterator[str]:
    if isinstance(what, ast.Constant) and isinstance(what.value, str):
        named = ast.Attribute(owner, what.value, ast.Load())
        full = _full(named, aliases)
        if full in DOORS or what.value in ATTRIBUTES:
            yield full if full in DOORS else what.value
        if isinstance(call.func, ast.Name) and call.func.id == "setattr":
            yield from _replaced(named, aliases)
    elif isinstance(owner, ast.Name) and aliases.get(owner.id, owner.id) in LIBRARIES:
        yield f"getattr({owner.id}, ...)"


def _replaced(target: ast.AST, aliases: dict[str, str]) -> Iterator[str]:
    """A part of torch or Python that is given another meaning."""
    if not isinstance(target, ast.Attribute):
        return
    full = _full(target, aliases)
    of_torch = full.startswith(FOUNDATIONS) and target.attr in OF_TORCH
    of_python = full.startswith("builtins.") and full != "builtins.print"
    if of_torch or of_python or target.attr == "__code__" or full.startswith("get_ipython()."):
        yield full or target.attr


def _full(node: ast.expr, aliases: dict[str, str]) -> str:
    """A dotted name in full, "" for what is none."""
    match node:
        case ast.Name(id=name):
            return aliases.get(name, name)
        case ast.Attribute(value=value, attr=attr):
            owner = _full(value, aliases)
            return f"{owner}.{attr}" if owner else ""
        case ast.Call(func=ast.Name(id="get_ipython"), args=[]):
            return "get_ipython()"
    return ""
