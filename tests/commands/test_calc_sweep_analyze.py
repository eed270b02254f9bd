"""`sostrades calc sweep --analyze`: statistics and indices of a design, in JSON and on a page."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pytest

from server_stub.worlds.sensitivity import G_COEFFICIENTS

if TYPE_CHECKING:
    from conftest import Outcome, User

ISHIGAMI = "".join(f'"Ishigami.x{number}" = {{}}\n' for number in (1, 2, 3))
G = "".join(f'"G.x{number}" = {{}}\n' for number in range(1, 7))


def design(user: User, study: int, space: str, *words: str) -> Outcome:
    """Make a design as `cases.csv`."""
    (user.folder / "space.toml").write_text(space, encoding="utf-8")
    cases = str(user.folder / "cases.csv")
    return user.types("calc", "design", str(study), str(user.folder / "space.toml"), "-o", cases, "--seed", "1", *words)


def sweep(user: User, study: int, *collect: str, words: tuple[str, ...] = (), tty: bool = False) -> Outcome:
    """Sweep the cases with an analysis."""
    keys = [word for key in collect for word in ("--collect", key)]
    files = (str(user.folder / "cases.csv"), "-o", str(user.folder / "results.csv"))
    return user.types("calc", "sweep", str(study), *files, *keys, "--analyze", *words, tty=tty)


def analysis(user: User) -> Any:
    """Return the analysis of the results."""
    return json.loads((user.folder / "results.d" / "analysis.json").read_text(encoding="utf-8"))


def indices(user: User, field: str, output: int = 0) -> dict[str, float]:
    """Return an index of each input."""
    return {one["key"]: one[field] for one in analysis(user)["outputs"][output]["indices"]["inputs"]}


def ishigami_indices(a: float = 7.0, b: float = 0.1) -> tuple[dict[str, float], dict[str, float], float]:
    """Return the first-order and total indices, and the second-order index of x1 and x3, from the formula."""
    of_1, of_2 = 0.5 * (1 + b * math.pi**4 / 5) ** 2, a**2 / 8
    of_1_and_3 = b**2 * math.pi**8 * 8 / 225
    total = of_1 + of_2 + of_1_and_3
    first = {"Ishigami.x1": of_1 / total, "Ishigami.x2": of_2 / total, "Ishigami.x3": 0.0}
    full = {"Ishigami.x1": (of_1 + of_1_and_3) / total, "Ishigami.x2": of_2 / total, "Ishigami.x3": of_1_and_3 / total}
    return first, full, of_1_and_3 / total


def g_indices() -> tuple[dict[str, float], dict[str, float]]:
    """Return the first-order and total indices of the g-function from its coefficients."""
    parts = [1 / (3 * (1 + a) ** 2) for a in G_COEFFICIENTS]
    total = math.prod(1 + part for part in parts) - 1
    first = {f"G.x{number}": part / total for number, part in enumerate(parts, 1)}
    full = {f"G.x{number}": part * (total + 1) / (1 + part) / total for number, part in enumerate(parts, 1)}
    return first, full


# The numbers ----------------------------------------------------------------------------------------


@pytest.mark.slow
def test_indices_of_ishigami_are_the_analytic_ones(user: User) -> None:
    """1,024 runs."""
    assert design(user, 11, ISHIGAMI, "--method", "saltelli", "-n", "128").code == 0
    assert sweep(user, 11, "Ishigami.y").code == 0
    first, full, both = ishigami_indices()
    assert indices(user, "S1") == pytest.approx(first, abs=0.15)
    assert indices(user, "ST") == pytest.approx(full, abs=0.15)
    found = analysis(user)["outputs"][0]
    assert found["statistics"]["mean"] == pytest.approx(3.5, abs=0.15)
    for one in found["indices"]["inputs"]:
        assert abs(one["S1"] - first[one["key"]]) <= 2 * one["S1_conf"]
        assert abs(one["ST"] - full[one["key"]]) <= 2 * one["ST_conf"]
    [pair] = [pair for pair in found["indices"]["pairs"] if pair["keys"] == ["Ishigami.x1", "Ishigami.x3"]]
    assert abs(pair["S2"] - both) <= 2 * pair["S2_conf"]
