"""Where a value stands on an axis, in per cent of its width."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from framing.report.rounding import percent, points

STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5)
"""Distances of marks on an axis of shares."""

MARKS = 5
"""Most steps an axis is cut into."""

_MARGIN = 3.0  # per cent of the width, so that a dot at an end is whole


@dataclass(frozen=True)
class Scale:
    """An axis from `low` to `high` with a mark at each of `ticks`."""

    low: float
    high: float
    ticks: tuple[float, ...]

    @classmethod
    def of_shares(cls, values: Iterable[float]) -> "Scale":
        """Return an axis from nought that holds all values."""
        top = max((v for v in values if not math.isnan(v)), default=0.0)
        top = max(top, STEPS[0])
        step = next((s for s in STEPS if s * MARKS >= top - 1e-9), STEPS[-1])
        n = math.ceil(top / step - 1e-9)
        return cls(0.0, n * step, tuple(i * step for i in range(n + 1)))

    @classmethod
    def of_differences(cls, values: Iterable[float]) -> "Scale":
        """Return an axis with nought in its middle that holds all values."""
        half = cls.of_shares(abs(v) for v in values)
        step = half.ticks[1]
        n = len(half.ticks) - 1
        far = (n + n % 2) * step if n > 1 else step
        return cls(-far, far, (-far, -far / 2, 0.0, far / 2, far))

    def at(self, value: float) -> float:
        """Return the place of a value, kept on the axis, in per cent of its width."""
        part = (value - self.low) / (self.high - self.low)
        width = 100 - 2 * _MARGIN
        return round(_MARGIN + width * min(max(part, 0.0), 1.0), 2)

    def marks(self) -> list[tuple[float, str]]:
        """Return place and text of each mark."""
        signed = self.low < 0
        digits = 0 if all(_is_whole(t) for t in self.ticks) else 1
        name = points if signed else percent
        return [(self.at(t), name(t, digits)) for t in self.ticks]


def _is_whole(share: float) -> bool:
    return abs(100 * share - round(100 * share)) < 1e-9
