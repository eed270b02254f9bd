"""The distributions of a space, based on scipy. A uniform distribution is a range instead."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sostrades_cli.errors import InvalidFile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sostrades_cli.api.models import Json

LIMITS: Final = ("low", "high")
# The fields that each distribution needs besides its limits.
SHAPES: Final[dict[str, tuple[str, ...]]] = {
    "uniform": (),
    "loguniform": (),
    "triangular": ("mode",),
    "normal": ("mean", "std"),
    "lognormal": ("mu", "sigma"),
}
# Without limits, these distributions extend to infinity.
UNLIMITED: Final = frozenset({"normal", "lognormal"})
FIELDS: Final = frozenset({*LIMITS, *(field for fields in SHAPES.values() for field in fields)})
# A sampler may return 0 or 1, where a distribution without limits is infinite. So positions keep this distance.
_END: Final = 2.0**-53
# `math.exp` fails beyond this number.
_LARGEST_EXPONENT: Final = 709.78


@dataclass(frozen=True, slots=True)
class Distribution:
    """A distribution: its name, the values of its fields, and its limits. A limit of ``None`` is infinite.

    ``mu`` and ``sigma`` of ``lognormal`` describe the natural logarithm of the value.
    """

    kind: str
    shape: Mapping[str, float]
    low: float | None
    high: float | None

    @property
    def spec(self) -> Mapping[str, Json]:
        """The fields of the space."""
        limits = {name: value for name, value in zip(LIMITS, (self.low, self.high), strict=True) if value is not None}
        return {"distribution": self.kind, **self.shape, **limits}

    @property
    def limits(self) -> tuple[float, float]:
        """The limits as numbers, which may be infinite."""
        return -math.inf if self.low is None else self.low, math.inf if self.high is None else self.high

    def check(self, name: str) -> None:
        """Reject fields that do not describe a distribution.

        Raises
        ------
        InvalidFile
            A limit is missing, the limits are reversed, or a field is out of its range.

        """
        if self.kind not in UNLIMITED and (self.low is None or self.high is None):
            raise InvalidFile(
                f"{name}: a {self.kind} distribution needs low and high, because the study declares no range",
                hint=f'write "{name}" = {{ distribution = "{self.kind}", low = 0.0, high = 1.0 }}',
            )
        low, high = self.limits
        if low >= high:
            raise InvalidFile(f"{name}: low = {low!r} is not below high = {high!r}", hint="give low < high")
        if (self.kind == "loguniform" and low <= 0) or (self.kind == "lognormal" and high <= 0):
            limit = "low" if self.kind == "loguniform" else "high"
            raise InvalidFile(f"{name}: a {self.kind} distribution has only values above 0", hint=f"give {limit} > 0")
        self._check_shape(name, low, high)

    def _check_shape(self, name: str, low: float, high: float) -> None:
        for field in ("std", "sigma"):
            if self.shape.get(field, 1.0) <= 0:
                raise InvalidFile(f"{name}: {field} is {self.shape[field]!r}", hint=f"give {field} > 0")
        mode = self.shape.get("mode", low)
        if not low <= mode <= high:
            raise InvalidFile(
                f"{name}: mode = {mode!r} is not between low and high", hint=f"give a mode from {low!r} to {high!r}"
            )

    def quantiles(self, positions: Sequence[float]) -> list[float]:
        """Return the values at quantiles from 0 to 1, within the limits. Values beyond a float are infinite or nan."""
        low, high = self.limits
        inside = [min(max(position, _END), 1 - _END) for position in positions] if self._is_open else positions
        with warnings.catch_warnings():
            # scipy warns of overflows. The caller reports values that are not finite.
            warnings.simplefilter("ignore", RuntimeWarning)
            values: list[float] = self._frozen().ppf(inside).tolist()
        if self.kind == "lognormal":
            values = [math.exp(value) if value < _LARGEST_EXPONENT else math.inf for value in values]
        return [min(max(value, low), high) if math.isfinite(value) else value for value in values]

    @property
    def _is_open(self) -> bool:
        return self.low is None or self.high is None or (self.kind == "lognormal" and self.low <= 0)

    def _frozen(self) -> Any:  # noqa: ANN401 - scipy's own
        """Return the distribution of scipy. For ``lognormal``, it is the normal distribution of the logarithm."""
        from scipy import stats

        low, high = self.limits
        if self.kind == "loguniform":
            return stats.loguniform(low, high)
        if self.kind == "triangular":
            return stats.triang((self.shape["mode"] - low) / (high - low), loc=low, scale=high - low)
        if self.kind == "lognormal":
            low, high = math.log(low) if low > 0 else -math.inf, math.log(high)
        mean, std = (self.shape[field] for field in SHAPES[self.kind])
        if math.isinf(low) and math.isinf(high):
            return stats.norm(mean, std)
        return stats.truncnorm((low - mean) / std, (high - mean) / std, loc=mean, scale=std)
