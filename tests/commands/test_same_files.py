"""Test that no command replaces a file that it reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import User

CASES = "case,Macro.gamma\nlow,0.1\n"
SPACE = '"Macro.gamma" = {range = [0.1, 0.5]}\n'
SWEEP = "calc sweep 21 {file} --collect Damage.total_damage -o {output} --overwrite"


def refused(user: User, line: str, file: Path, output: Path, content: str) -> None:
    """Check that a command line is refused before any request, and that its file stays as it is."""
    file.write_text(content, encoding="utf-8")
    done = user.types(*(word.format(file=file, output=output) for word in line.split()))
    assert (done.code, done.kind, done.out) == (2, "usage", ""), done.err
    assert file.read_text(encoding="utf-8") == content
    assert not user.requests


@pytest.mark.parametrize("more", ["", " --dry-run", " --resume"])
def test_sweep_does_not_replace_its_table_of_cases(user: User, more: str) -> None:
    refused(user, SWEEP + more, user.folder / "c.csv", user.folder / "c.csv", CASES)


def test_other_spelling_and_link_are_the_same_file(user: User) -> None:
    file = user.folder / "c.csv"
    refused(user, SWEEP, file, user.folder / ".." / user.folder.name / "c.csv", CASES)
    link = user.folder / "link.csv"
    link.symlink_to(file)
    refused(user, SWEEP, file, link, CASES)


def test_table_of_cases_in_the_folder_of_the_results_is_kept(user: User) -> None:
    folder = user.folder / "results.d"
    folder.mkdir()
    (folder / "sweep.jsonl").touch()
    refused(user, SWEEP, folder / "ended.csv", user.folder / "results.csv", CASES)


@pytest.mark.parametrize(
    ("line", "name", "content"),
    [
        ("calc optimize 21 {file} --minimize Damage.total_damage -o {output} --overwrite", "s.toml", SPACE),
        ("calc optimize 21 {file} --minimize Damage.total_damage -o {output} --overwrite --dry-run", "s.toml", SPACE),
        ("param set 21 --from {file} -o {output} --overwrite", "c.json", '{"Macro.gamma": 0.4}'),
        ("param set 21 Macro.population=@{file} -o {output} --overwrite", "p.csv", "years,population\n2020,80.0\n"),
        ("api POST /api/v0/x --data @{file} -o {output} --overwrite", "c.json", "{}"),
    ],
)
def test_other_commands_do_not_replace_their_files(user: User, line: str, name: str, content: str) -> None:
    refused(user, line, user.folder / name, user.folder / name, content)


def test_file_is_the_same_with_its_sheet_as_a_link_and_below_the_home_folder(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(user.folder))
    monkeypatch.setenv("USERPROFILE", str(user.folder))
    line = "param set 21 Macro.population=@{file}#Sheet1 -o {output} --overwrite"
    refused(user, line, user.folder / "p.xlsx", user.folder / "p.xlsx", "x")
    line = "param set 21 --from {file}#Sheet1 -o {output} --overwrite"
    refused(user, line, user.folder / "p.xlsx", user.folder / "p.xlsx", "x")
    line = "param set 21 --from {file} -o {output} --overwrite"
    (user.folder / "link.json").symlink_to(user.folder / "p.json")
    refused(user, line, user.folder / "p.json", user.folder / "link.json", '{"Macro.gamma": 0.4}')
    line = "param set 21 Macro.population=@~/p.csv -o {output} --overwrite"
    refused(user, line, user.folder / "p.csv", user.folder / "p.csv", "x")


def test_device_can_be_read_and_written(user: User) -> None:
    """A terminal can be both standard input and standard output."""
    assert user.types("api", "POST", "/api/v0/x", "--data", "@/dev/null", "-o", "/dev/null").kind != "usage"


def test_file_of_a_cell_is_not_replaced(user: User) -> None:
    table = user.folder / "results.csv"
    table.write_text("years,population\n2020,80.0\n", encoding="utf-8")
    (user.folder / "cases.csv").write_text("case,Macro.population\na,@results.csv\n", encoding="utf-8")
    line = SWEEP.format(file=user.folder / "cases.csv", output=table)
    assert user.types(*line.split()).code == 2
    assert table.read_text(encoding="utf-8").startswith("years")


@pytest.mark.parametrize("command", ["sweep 21 {file} --collect Damage.x", "optimize 21 {file} --minimize Damage.x"])
def test_device_is_not_a_file_for_results(user: User, command: str) -> None:
    (user.folder / "cases.csv").write_text(CASES, encoding="utf-8")
    line = command.format(file=user.folder / "cases.csv")
    done = user.types("calc", *line.split(), "-o", "/dev/null")
    assert done.error is not None
    assert (done.code, "/dev/null" in done.error.message) == (2, True)
