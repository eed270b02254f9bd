"""The documentation of the models of the study with 31 sectors."""

from functools import cache

from server_stub.ontology.documents import with_pictures

# Every fifth discipline has no documentation, and one has more than a megabyte.
_EVERY, _LARGEST = 5, "Macroeconomics"
_SMALL_SIDE, _LARGE_SIDE = 12, 520


@cache
def document(node: str, index: int) -> str:
    """Return the documentation of a discipline by its name and index; "" if there is none."""
    if (index + 1) % _EVERY == 0:
        return ""
    return with_pictures(_text(node), _LARGE_SIDE if node == _LARGEST else _SMALL_SIDE)


def _text(node: str) -> str:
    """Write about a discipline: headings, formulas, and for some a table, a footnote or a picture."""
    name = node.rpartition(".")[2]
    parts = [
        f"# {name}",
        f"The model of *{name}* computes a quantity $Q_t$ per year, from the quantities of other models.",
        f"## Equation\n\n$$Q_t = Q_{{t-1}} \\cdot (1 + r) + \\sum_i \\frac{{w_i}}{{{len(name)}}} Q_{{i\\,t}}$$",
        "- $r$ is the `rate` of the model,\n- $w_i$ are weights.",
    ]
    if len(name) % 2:
        parts.append("| Parameter | Unit |\n|:--|:--:|\n| `rate` | - |\n| `method` | |")
    if len(name) % 3 == 0:
        parts.append("The equation follows a report[^1].\n\n[^1]: Report on sectors (2024), p. 12.")
    if len(name) % 4 == 0 or name == _LARGEST:
        parts.append("## Result\n\n![Quantity over years][quantity.png]")
    return "\n\n".join(parts) + "\n"
