"""How long a fuzz test looks: by the profile that HYPOTHESIS_PROFILE names.

Unless said, a fixed and small number of cases, the same at every run. ``long`` are many more of the same, for the slow
tests. ``search`` are others at every run, and very many: for looking for faults that nobody knows yet.
"""

from __future__ import annotations

import os
from typing import Final

from hypothesis import HealthCheck, Phase, settings

PROFILE: Final = os.environ.get("HYPOTHESIS_PROFILE") or "quick"
# How many times the cases of the quick profile.
TIMES: Final = {"quick": 1, "long": 4, "search": 200}
CHECKS: Final = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def effort(cases: int, *, steps: int | None = None) -> settings:
    """Return the settings of a test that looks at so many cases in the quick profile; ``steps`` are a machine's."""
    searching = PROFILE == "search"
    return settings(
        max_examples=cases * TIMES[PROFILE],
        stateful_step_count=steps or 50,
        deadline=None,
        derandomize=not searching,
        database=settings().database if searching else None,
        print_blob=True,
        # A session of many commands takes long to shrink: as it was found it says enough, and says it at once.
        phases=[phase for phase in Phase if phase is not Phase.shrink or steps is None],
        suppress_health_check=CHECKS,
    )
