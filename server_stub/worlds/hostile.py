"""A study whose names, metadata and documentation try to run scripts, to reach other hosts or to leave a folder."""

import base64

from server_stub.model import Model, Parameter, Timing, Values
from server_stub.ontology.documents import picture
from server_stub.solver_settings import coupling_settings, discipline_settings
from server_stub.values import Value
from server_stub.world import World
from server_stub.worlds.demo import finished
from server_stub.worlds.people import populate

FIRST, SECOND = "</script><script>alert('node')</script>", "<img src=x onerror=alert(1)>"
MODULES = {FIRST: "hostile.first", SECOND: "hostile.second"}
VARIABLE = 'y"><svg onload=alert(2)>'
_PIXELS = base64.b64encode(picture("hostile", 4)).decode()
_SVG = base64.b64encode(b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(3)</script></svg>').decode()
_ESCAPES = "\x1b]0;owned\x07\x1b[2J\u202edesrever\u2066"

DOCUMENT = f"""# Title <script>alert("document")</script>

<script src="https://example.org/evil.js"></script>
<img src="https://example.org/track.png" onerror="alert(4)"> <iframe src="https://example.org/"></iframe>
<style>@import url(https://example.org/evil.css);</style> <a href="javascript:alert(5)" onclick="alert(6)">link</a>
<svg onload="alert(7)"><foreignObject><body onload="alert(8)"></body></foreignObject></svg>
<base href="https://example.org/"><meta http-equiv="refresh" content="0; url=https://example.org/">
<form action="https://example.org/"><input name="key"><button>Send</button></form>

[script](javascript:alert(9)) [entity](&#106;avascript:alert(10)) [case](JaVaScRiPt:alert(11))
[tab](java\tscript:alert(12))
[data](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==) [vb](vbscript:msgbox) <javascript:alert(13)>
[file](file:///etc/passwd) [up](../../../etc/passwd) [share](//example.org/share) [reference][evil]

![remote](https://example.org/remote.png) ![plain](http://example.org/remote.png) ![host](//example.org/remote.png)
![file](file:///etc/passwd) ![up](../../secret.png) ![root](/etc/passwd) ![drive](C:\\Windows\\win.ini)
![data](data:image/png;base64,{_PIXELS}) ![vector](data:image/svg+xml;base64,{_SVG}) ![script](javascript:alert(14))
![path][../../escape.png] ![absolute][/tmp/escape.png] ![vector][vector.png] ![broken][broken.png] ![page][page.png]
![again][remote.png] ![attribute"onerror="alert(15)][remote.png]

$\\href{{javascript:alert(16)}}{{x}}$ $\\includegraphics{{https://example.org/x.png}}$ $\\htmlData{{a=b}}{{x}}$
$$\\def\\x{{\\x\\x}}\\x$$ $</math><script>alert(17)</script>$ $$\\frac{{1}}{{$$ $unclosed \\input{{/etc/passwd}}

| <script>alert(18)</script> | ![x](https://example.org/cell.png) |
|:--|--:|
| `</code><script>alert(19)</script>` | {_ESCAPES} |

Text[^1] with {_ESCAPES} escapes.

```html
</code></pre><script>alert(20)</script>
```

{">" * 200} deep

[^1]: [^1] <script>alert(21)</script> [back](javascript:alert(22))
[evil]: javascript:alert(23) "title"
[../../escape.png]:data:image/png;base64,{_PIXELS}
[/tmp/escape.png]:data:image/png;base64,{_PIXELS}
[vector.png]:data:image/svg+xml;base64,{_SVG}
[broken.png]:data:image/png;base64,%%%not-base64%%%
[page.png]:data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==
[remote.png]:https://example.org/remote.png
"""


def _document(identifier: str) -> str:
    return DOCUMENT if identifier in (MODULES[FIRST], "hostile.processes.hostile_process") else ""


def _compute(values: Values) -> dict[str, Value]:
    return {VARIABLE: values[f"{FIRST}.x"] * 2, f"{SECOND}.z": values[f"{FIRST}.x"] * 4}


HOSTILE = Model(
    "hostile_process",
    ("", FIRST, SECOND),
    (
        *coupling_settings(),
        Parameter(
            VARIABLE,
            "float",
            None,
            '"><script>alert(24)</script>',
            io_type="out",
            coupling=True,
            readers=(SECOND,),
            writer=FIRST,
        ),
        Parameter(f"{FIRST}.x", "float", 1.0, "-"),
        *discipline_settings(FIRST),
        *discipline_settings(SECOND),
        Parameter(f"{SECOND}.z", "float", None, "-", io_type="out"),
    ),
    _compute,
    timing=Timing(pending=1.0, work=1.0),
    repository="hostile.processes",
    modules=MODULES,
    classes={FIRST: "<b>First", SECOND: "Second</b>"},
    document=_document,
    glossary={
        "x": {
            "label": f"<script>alert(25)</script>{_ESCAPES}",
            "definition": f"[bold red]markup[/] <img src=https://example.org/x.png>\n{_ESCAPES}",
            "definition_source": "javascript:alert(26)",
            "uri": "javascript:alert(27)",
        },
        MODULES[FIRST]: {
            "label": "First<script>alert(28)</script>",
            "icon": 'fa"><script>alert(29)</script>',
            "definition": _ESCAPES,
        },
    },
)


def build(world: World) -> None:
    """Add the users and the study."""
    world.declare_study(1, "hostile", HOSTILE, populate(world), finished)
