"""A line of the table: what was measured, against what, and whether it is what was promised."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """``goal`` is in words; ``met`` is ``None`` where a figure is told that nothing was promised of."""

    label: str
    ours: str
    theirs: str
    figure: str
    goal: str
    met: bool | None = None

    @property
    def cells(self) -> tuple[str, ...]:
        """The cells, the verdict last."""
        verdict = {True: "met", False: "NOT MET", None: ""}[self.met]
        return (self.label, self.ours, self.theirs, self.figure, self.goal, verdict)


HEADS = ("what", "ours", "theirs", "figure", "goal", "")


def ratio(label: str, ours: float, theirs: float, most: float, unit: str) -> Row:
    """Compare two costs of one unit, ms, s or MiB."""
    result = ours / theirs
    met = round(result, 2) <= most
    return Row(label, shown(ours, unit), shown(theirs, unit), f"{result:.2f} times", f"at most {most:g} times", met)


def bound(label: str, ours: float, most: float, unit: str) -> Row:
    """Compare a cost with what it may be at most."""
    return Row(label, shown(ours, unit), "", "", f"under {most:g} {unit}", ours < most)


def shown(value: float, unit: str) -> str:
    """Return a cost with its unit, to three digits; seconds are given for ``ms`` as well."""
    if unit == "ms":
        value *= 1000
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:.{digits}f} {unit}"
