"""What an example stands on, and how it ends where that is not 0: all that the line itself does not say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from reference.shell import Shell

SERVES: Final = ("stub",)
_SEARCH: Final = "sostrades calc optimize 21 space.toml"
# They start processes, a browser or a server of their own: minutes of a matrix, not seconds of the quick line.
SLOW: Final = {
    "sostrades demo",
    "sostrades demo --server 5.3 --fast",
    f"{_SEARCH} --minimize Damage.total_damage --trials 8 -o best.toml --resume",
    f"{_SEARCH} --maximize savings_rate --constraint 'total_damage <= 5' -o best.toml",
    "sostrades postproc export 21 pictures --as png --match 'Output*'",
}


def before(*lines: str, code: int | None = 0) -> Callable[[Shell], None]:
    """Return a preparation: lines that must end with a code, or anyhow."""

    def prepare(shell: Shell) -> None:
        for line in lines:
            done = shell.types(f"sostrades {line}")
            assert code in {None, done.code}, f"{line}: {done.err}"

    return prepare


def _an_edited_export(shell: Shell) -> None:
    before("study export 21 dice")(shell)
    shell.edits("dice/parameters.toml", '"Macro.gamma" = 0.3 ', '"Macro.gamma" = 0.4 ')


def _an_edited_export_and_a_copy(shell: Shell) -> None:
    _an_edited_export(shell)
    before("alias set my-copy 34")(shell)


def _two_exports(shell: Shell) -> None:
    before("study export 21 before", "param set 21 Macro.gamma=0.4", "study export 21 after")(shell)


def _a_cut_sweep(shell: Shell) -> None:
    """Leave a sweep whose last case is still to be run, as `kill` would."""
    _sweep(shell)
    (shell.folder / "results.csv").unlink()


def _a_cut_search(shell: Shell) -> None:
    """Leave a search with a part of its trials, before it wrote its best values."""
    before("calc design 21 space.toml --init")(shell)
    before("calc optimize 21 space.toml --minimize Damage.total_damage --trials 4 --seed 1 -o best.toml")(shell)
    (shell.folder / "best.toml").unlink()


def _test_profile(shell: Shell) -> None:
    """Log in to another profile, which then is not contradicted by the address and the key in the environment."""
    before("auth login --host https://corp.example --profile test --with-key < key.txt")(shell)
    shell.user.environ |= {"SOSTRADES_HOST": "", "SOSTRADES_API_KEY": ""}


def _load_of_test_profile(shell: Shell) -> None:
    _test_profile(shell)
    before("study load 21 --profile test")(shell)


def _editor(shell: Shell) -> None:
    """Name an editor. It is asked for, not run: editors of the user are the test's."""
    shell.user.environ["EDITOR"] = "nano"


def _mail(shell: Shell) -> None:
    """Install a program of that name; it is asked for, not run: programs of the user are the test's."""
    program = shell.folder / "bin" / "mail"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    shell.finds_programs_in(program.parent)


_sweep = before("calc sweep 21 cases.csv --collect Damage.total_damage -o results.csv")
_changed_copy = before("alias set my-copy 34", "param set 34 Macro.gamma=0.4", "calc run 34")
_copies = before("alias set copy-1 34", "alias set copy-2 35")
_space = before("calc design 21 space.toml --init")
_history = before(*(f"param set 21 Macro.gamma=0.{n}" for n in (4, 5, 6, 7)))
_runs = before("calc run 21", "calc run 21 --detach")
_ci_profile = before("auth login --host https://corp.example --profile ci --with-key < key.txt")
_table = before("param download 21 dice.Macro.population -o population.csv")
_a_failed_run = before("calc run 22", code=3)


def _changed_table(shell: Shell) -> None:
    _table(shell)
    shell.edits("population.csv", "7800.0", "7900.0")


BEFORE: Final[Mapping[str, Callable[[Shell], None]]] = {
    "sostrades alias list": before("alias set dice 21", "alias set witness 23"),
    "sostrades alias remove dice": before("alias set dice 21"),
    "sostrades auth logout": before("auth login --with-key < key.txt"),
    "sostrades auth logout --profile test": _test_profile,
    "sostrades calc design 21 space.toml -n 16 --seed 1 -o lhs.csv": _space,
    "sostrades calc design 21 space.toml --method saltelli -n 8 --seed 1 -o saltelli.csv": _space,
    "sostrades calc design 21 space.toml --method grid -n 3 -o grid.csv": _space,
    "sostrades calc history 21": _runs,
    "sostrades calc history 21 -F json": _runs,
    "sostrades calc history 21 -F json --query '[-1].duration_s'": _runs,
    "sostrades calc status": before("calc run 21 --detach", "study load 27"),
    "sostrades calc status --watch": before("calc run 21 --detach", "study load 27"),
    f"{_SEARCH} --minimize Damage.total_damage --trials 4 --seed 1 -o best.toml": _space,
    f"{_SEARCH} --minimize Damage.total_damage --trials 8 -o best.toml --resume": _a_cut_search,
    f"{_SEARCH} --minimize Damage.total_damage --trials 4 -o more.toml --dry-run": _space,
    f"{_SEARCH} --maximize savings_rate --constraint 'total_damage <= 5' -o best.toml": _space,
    "sostrades calc sweep 21 cases.csv --collect Damage.total_damage -o results.csv --studies copy-1,copy-2": _copies,
    "sostrades calc sweep 21 cases.csv --collect Damage.total_damage -o results.csv --resume": _a_cut_sweep,
    "sostrades calc sweep 21 cases.csv --collect Damage.total_damage -o results.csv --retry-failed --overwrite": _sweep,
    "sostrades calc watch 21 --timeout 2h --on-finish 'mail -s done me@corp.example'": _mail,
    "sostrades calc watch 21 22 --fail-fast": _a_failed_run,
    "sostrades config list --profile test -F json": _test_profile,
    "sostrades config set format --unset": before("config set format json"),
    "sostrades config set format json --profile ci": _ci_profile,
    "sostrades param history 21": _history,
    "sostrades param history 21 --match gamma": _history,
    "sostrades param history 21 -F json": _history,
    "sostrades param reset 21 dice.Macro.gamma": before("param set 21 Macro.gamma=0.4"),
    "sostrades config edit": _editor,
    "sostrades param edit 21": _editor,
    "sostrades param edit 21 Macro.gamma 'Macro.s*'": _editor,
    "sostrades param edit 21 Macro.population": _editor,
    "sostrades param reset 21 Macro.population --dry-run": _table,
    "sostrades param set 21 Macro.population=@population.csv": _changed_table,
    "sostrades param undo 21": before("param set 21 Macro.gamma=0.4"),
    "sostrades param undo 21 --to 4 --dry-run": _history,
    "sostrades postproc diff 21 my-copy": _changed_copy,
    "sostrades postproc diff 21 my-copy --match 'Output*' --numbers -o output.csv": _changed_copy,
    "sostrades postproc diff 21 my-copy --page both.html": _changed_copy,
    "sostrades study apply dice 21 --dry-run": _an_edited_export,
    "sostrades study apply dice 21 --yes": _an_edited_export,
    "sostrades study apply dice my-copy --skip-files": _an_edited_export_and_a_copy,
    "sostrades study diff ./before ./after --rtol 1e-6 -F json": _two_exports,
    "sostrades study diff 21 ./dice --exit-code": _an_edited_export,
    "sostrades study diff 21 my-copy": _changed_copy,
    "sostrades study export 21 dice --overwrite": before("study export 21 dice"),
    "sostrades study list": before("alias set dice 21", "study load 21", "study load 27"),
    "sostrades study list --profile test -F json": _load_of_test_profile,
    "sostrades study logs 22 | grep ERROR": _a_failed_run,
}
# What is not 0, and why that is what the command's help says.
CODES: Final[Mapping[str, int]] = {
    "sostrades calc stop 21": 2,  # it only shows where to stop a run
    "sostrades calc watch 21 22 --fail-fast": 3,  # one of them failed
    "sostrades study diff 21 ./dice --exit-code": 9,  # they differ
}


def prepare(shell: Shell, example: str) -> None:
    """Make what an example stands on."""
    BEFORE.get(example, before())(shell)
