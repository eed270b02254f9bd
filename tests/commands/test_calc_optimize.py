"""`sostrades calc optimize`: Optuna searches a space, and the study has its original values at the end."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conftest import Outcome, User

EXECUTE = "POST /api/v0/calculation/execute/21"
SPACE = '"Macro.gamma" = {range = [0.1, 0.5]}\n"Macro.periods" = {range = [2, 5]}\n"Macro.use_damage" = {}\n'
OBJECTIVE = "Damage.total_damage"


def optimize(user: User, *words: str, space: str = SPACE, trials: int = 5, study: str = "21") -> Outcome:
    """Search the space of a study."""
    (user.folder / "space.toml").write_text(space)
    goal = () if {"--minimize", "--maximize"} & set(words) else ("--minimize", OBJECTIVE)
    more = ("--trials", str(trials), "--seed", "1", "-o", str(user.folder / "best.toml"))
    return user.types("calc", "optimize", study, str(user.folder / "space.toml"), *goal, *more, *words)


def trials(user: User) -> list[dict[str, str]]:
    """Return the rows of the table of trials."""
    with (user.folder / "best.d" / "trials.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def stored(user: User, study: int = 21) -> tuple[Any, ...]:
    """Return the values of the space on the server after all changes have arrived."""
    user.world.clock.sleep(1.0)
    found = user.world.studies[study]
    found.settle()
    return tuple(found.values[f"Macro.{name}"] for name in ("gamma", "periods", "use_damage"))


def test_best_trial_is_the_one_with_the_lowest_value(user: User) -> None:
    done = optimize(user, "-F", "json")
    assert done.code == 0, done.err
    best = json.loads(done.out)
    values = [float(row[OBJECTIVE]) for row in trials(user)]
    assert (best["value"], len(values), best["trials"]) == (min(values), 5, 5)
