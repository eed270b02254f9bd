"""The number of cases of a fuzz test, by the profile that HYPOTHESIS_PROFILE names.

``quick`` is a fixed and small number of cases, the same at every run. ``long`` has 24 times as many, for the slow
tests. ``search`` has other cases at every run, and very many, to find faults that nobody knows yet.
"""

from __future__ import annotations

import os
from typing import Final

from hypothesis import HealthCheck, Phase, settings

PROFILE: Final = os.environ.get("HYPOTHESIS_PROFILE") or "quick"
TIMES: Final = {"quick": 1 / 6, "long": 4, "search": 200}
CHECKS: Final = [
    HealthCheck.too_slow,
    HealthCheck.data_too_large,
    HealthCheck.filter_too_much,
    HealthCheck.function_scoped_fixture,  # a test that takes one renews what an example has changed
]


def effort(cases: int, *, steps: int | None = None) -> settings:
    """Return the settings of a test: ``cases`` times the factor of the profile, ``steps`` of a state machine."""
    searching = PROFILE == "search"
    return settings(
        max_examples=round(cases * TIMES[PROFILE]),
        stateful_step_count=steps or 50,
        deadline=None,
        derandomize=not searching,
        database=settings().database if searching else None,
        print_blob=True,
        # A session of many commands takes long to shrink: as it was found it says enough, and says it at once.
        phases=[phase for phase in Phase if phase is not Phase.shrink or steps is None],
        suppress_health_check=CHECKS,
    )
