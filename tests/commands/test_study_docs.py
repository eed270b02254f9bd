"""Test `sostrades study docs`."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import httpx
import pytest
from conftest import StubTransport, User
from ontology_answers import OntologyAnswers

from server_stub.worlds.people import KEYS
from sostrades_cli.api.protocol import NO_READ_ONLY_MODE
from sostrades_cli.operations.ontology.documents import CAVEAT

if TYPE_CHECKING:
    from collections.abc import Callable

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PICTURE = f"[a b.png]:data:image/png;base64,{base64.b64encode(PIXEL).decode()}"
TEXT = f"# Model\n\nStock $x_1$ grows[^1].\n\n![graph][a b.png]\n\n[^1]: A note.\n\n{PICTURE}\n"
# The modules of nodes of study 21.
MACRO, DAMAGE, CARBON = (f"cliproc.discs.{name}" for name in ("Macro", "Damage", "Carbon"))
COUPLING = "sostrades_core.execution_engine.proxy_coupling"
MODULES = {MACRO: {"id": MACRO, "label": "Macro Economics", "pythonClass": "MacroDisc"}}
NOTHING: dict[str, dict[str, dict[str, str]]] = {"disciplines": {}, "parameter_usages": {}}
SAVED = {"disciplines": MODULES, "parameter_usages": {}}


@pytest.fixture
def ontology(user: User) -> OntologyAnswers:
    """Return the answers of the ontology for the user: saved texts of two nodes, and no service."""
    texts = {MACRO: TEXT, CARBON: "Carbon[^1].\n\n[^1]: B.", DAMAGE: "", COUPLING: ""}
    answers = OntologyAnswers(StubTransport(user.world), saved=SAVED, saved_documents=texts)
    user.transport = answers
    return answers


@pytest.fixture
def process(user: User) -> str:
    """Return the full name of the process of study 21."""
    about = json.loads(user.types("api", "GET", "/api/v0/study-case/21/read-only-mode").out)["study_case"]
    return f"{about['repository']}.{about['process']}"


def test_single_document_in_a_pipe_is_as_the_server_has_it(user: User, ontology: OntologyAnswers) -> None:
    done = user.types("study", "docs", "21", "Macro")
    assert (done.code, done.out) == (0, TEXT)
    # The picture is in the text.
    assert "docs.md" in done.err
    assert user.types("study", "docs", "21", "Macro", "-o", "-") == done
    assert user.types("study", "docs", "21", "Carbon").err == ""
    # What the run has kept is not asked for again.
    assert not [route for route in ontology.asked if route.startswith("ontology/")]


def test_terminal_shows_formulas_and_names_of_pictures(user: User, ontology: OntologyAnswers) -> None:
    out = user.types("study", "docs", "21", "Macro", tty=True, NO_COLOR="1").out
    lines = [line.rstrip() for line in out.splitlines()]
    assert lines[:5] == ["Macro Economics", "", "Model", "", "Stock x₁ grows[1]."]
    assert "[picture: graph]" in lines
    assert "[1] A note." in lines
    assert "base64" not in out


def test_several_documents_have_titles_and_own_footnotes(user: User, ontology: OntologyAnswers) -> None:
    done = user.types("study", "docs", "21")
    assert done.out.startswith("# Macro Economics\n\n# Model\n\nStock $x_1$ grows[^1-1].")
    assert "# Carbon\n\nCarbon[^2-1].\n\n[^2-1]: B.\n" in done.out
    # Nodes without documentation, and the missing process.
    assert "Damage" in done.err
    assert "process" in done.err


def test_json_has_each_document(user: User, ontology: OntologyAnswers) -> None:
    result = user.prints("study", "docs", "21")
    assert [document["name"] for document in result["documents"]] == [MACRO, CARBON]
    assert result["documents"][0] == {
        "kind": "module",
        "name": MACRO,
        "title": "Macro Economics",
        "label": "Macro Economics",
        "nodes": ["Macro"],
        "shared": False,
        "source": "saved",
        "markdown": TEXT,
    }
    assert "Damage" in result["undocumented"]
    assert "dice" not in result["undocumented"]


def test_process_is_documented_by_the_service_only(user: User, ontology: OntologyAnswers, process: str) -> None:
    ontology.service, ontology.documents = NOTHING, {process: "All of it."}
    first = user.prints("study", "docs", "21")["documents"][0]
    assert (first["kind"], first["name"], first["source"]) == ("process", process, "live")
    assert user.prints("study", "docs", "21", "Macro")["documents"][0]["kind"] == "module"


@pytest.mark.parametrize("saved", [None, {}])
def test_documentation_comes_from_the_service_if_the_run_saved_none(
    user: User, ontology: OntologyAnswers, saved: object
) -> None:
    ontology.saved, ontology.saved_documents = saved, None
    ontology.service, ontology.documents = SAVED, {MACRO: TEXT}
    [document] = user.prints("study", "docs", "21")["documents"]
    assert (document["name"], document["source"], document["label"]) == (MACRO, "live", "Macro Economics")


@pytest.mark.parametrize(
    ("saved", "service", "word"),
    [
        (None, None, "no finished run"),
        ({}, None, "without an ontology service"),
        (SAVED, NOTHING, ""),
    ],
)
def test_reasons_for_missing_documentation_are_distinguished(
    user: User,
    ontology: OntologyAnswers,
    saved: object,
    service: dict[str, dict[str, dict[str, str]]] | None,
    word: str,
) -> None:
    ontology.saved, ontology.service, ontology.saved_documents = (
        saved,
        service,
        {MACRO: "", CARBON: "", DAMAGE: "", COUPLING: ""},
    )
    done = user.types("study", "docs", "21")
    assert (done.code, done.kind, done.out) == (8, "no_value", "")
    assert done.error is not None
    assert word in (done.error.detail or "")
    assert ("the ontology has" in done.error.message) == (not word)


def test_failed_service_gets_one_request(user: User, ontology: OntologyAnswers) -> None:
    ontology.saved = ontology.saved_documents = None
    ontology.fault = httpx.ReadTimeout("slow")
    assert user.types("study", "docs", "21").code == 8
    assert [route for route in ontology.asked if route.startswith("ontology/")] == ["ontology/ontology-usages"]


def test_failure_of_the_service_is_not_reported_as_missing_documentation(user: User, ontology: OntologyAnswers) -> None:
    ontology.saved, ontology.saved_documents = None, None
    ontology.service, ontology.documents = SAVED, {MACRO: TEXT, DAMAGE: "D.", CARBON: "C."}

    class Midway(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if request.url.path.endswith(f"{DAMAGE}/markdown_documentation"):
                raise httpx.ReadTimeout("slow")
            return ontology.handle_request(request)

    user.transport = Midway()
    done = user.types("study", "docs", "21", "-F", "md")
    assert done.code == 0
    assert "cannot be read" in done.err
    assert "without documentation: " not in done.err
    ontology.documents = {CARBON: "C.", DAMAGE: "D."}
    user.world.clock.sleep(61)
    done = user.types("study", "docs", "21", "Damage")
    assert (done.code, done.kind) == (8, "no_value")
    assert done.error is not None
    assert "failed" in (done.error.detail or "")


def test_saved_documentation_is_shown_if_the_service_fails(user: User, ontology: OntologyAnswers) -> None:
    ontology.fault = httpx.ConnectError("gone")
    done = user.types("study", "docs", "21")
    assert done.code == 0
    assert "# Carbon" in done.out


def test_documentation_stays_after_a_change(user: User, ontology: OntologyAnswers) -> None:
    assert user.types("study", "docs", "21", "Macro").code == 0
    assert user.types("param", "set", "21", "gamma=0.2").code == 0
    done = user.types("study", "docs", "21", "Macro")
    assert (done.code, done.out) == (0, TEXT)
    assert "changed" in done.err


def test_error_about_a_study_without_a_run_has_a_hint(user: User, ontology: OntologyAnswers) -> None:
    done = user.types("study", "docs", "22")
    assert done.code == 8
    assert "calc run 22" in done.err


def test_server_without_the_routes_is_not_a_missing_run(user_of: Callable[..., User]) -> None:
    done = user_of(server="5.0").types("study", "docs", "21", "Damage")
    assert (done.code, done.kind) == (7, "no_route")
    assert done.error is not None
    assert NO_READ_ONLY_MODE in done.error.message
    assert "calc run" not in done.err


def test_heading_that_names_the_node_or_the_process_is_not_repeated(
    user: User, ontology: OntologyAnswers, process: str
) -> None:
    ontology.saved, ontology.saved_documents = {**SAVED, "disciplines": {}}, {CARBON: "# Carbon\n\nC.", MACRO: "M."}
    ontology.service, ontology.documents = NOTHING, {process: "# Small DICE\n\nAll of it."}
    name = process.rpartition(".")[2]
    out = user.types("study", "docs", "21").out
    assert f"# Process {name}: Small DICE\n\nAll of it." in out
    assert "# Carbon\n\nC." in out
    assert (out.count("Small DICE"), out.count("# Carbon")) == (1, 1)


def test_unknown_node_is_not_found(user: User, ontology: OntologyAnswers) -> None:
    assert (user.types("study", "docs", "21", "Nowhere").code, ontology.asked) == (5, [])


def test_label_of_a_module_of_several_classes_is_not_shown(user: User, ontology: OntologyAnswers) -> None:
    """The ontology has one entry for each module, that of its last class."""

    class OneModule(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            response = ontology.handle_request(request)
            if not request.url.path.endswith("read-only-mode"):
                return response
            body = b"".join(response.stream).replace(CARBON.encode(), MACRO.encode())  # type: ignore[arg-type]
            return httpx.Response(200, content=body)

    user.transport = OneModule()
    [document] = user.prints("study", "docs", "21")["documents"]
    assert (document["label"], document["shared"], sorted(document["nodes"])) == (None, True, ["Carbon", "Macro"])
    assert CAVEAT not in document["markdown"]
    # Every form for people has the caveat, also below the name of one of the nodes.
    piped = user.types("study", "docs", "21", "Macro")
    assert CAVEAT in piped.out
    assert "Macro, Carbon share" in piped.err
    shown = user.types("study", "docs", "21", "Macro", tty=True, NO_COLOR="1").out
    assert CAVEAT in " ".join(shown.replace("▌", " ").split())
    for ending in ("md", "html"):
        file = user.folder / f"docs.{ending}"
        assert user.types("study", "docs", "21", "Macro", "-o", str(file)).code == 0
        assert CAVEAT in file.read_text()


def test_markdown_file_has_its_pictures_beside_it(user: User, ontology: OntologyAnswers) -> None:
    file = user.folder / "my docs.md"
    assert user.types("study", "docs", "21", "Macro", "-o", str(file)).code == 0
    [picture] = (user.folder / "my docs.files").iterdir()
    assert picture.read_bytes() == PIXEL
    assert f"[a b.png]: my%20docs.files/{picture.name}" in file.read_text()
    assert "base64" not in file.read_text()
    assert user.types("study", "docs", "21", "Macro", "-o", str(file)).kind == "file_conflict"
    file.unlink()
    assert user.types("study", "docs", "21", "Macro", "-o", str(file)).kind == "file_conflict"
    assert user.types("study", "docs", "21", "Macro", "-o", str(file), "--overwrite").code == 0


def test_names_of_pictures_cannot_leave_their_folder(user: User, ontology: OntologyAnswers) -> None:
    encoded = base64.b64encode(PIXEL).decode()
    names = ("../../evil.png", "/etc/passwd", "con.png", "..", "a\\b", "x" * 190, "a.png", "A.PNG")
    text = "\n\n".join(f"![p][{name}]\n\n[{name}]:data:image/png;base64,{encoded}" for name in names)
    ontology.saved_documents = {MACRO: text}
    file = user.folder / "docs.md"
    assert user.types("study", "docs", "21", "-o", str(file)).code == 0
    pictures = list((user.folder / "docs.files").iterdir())
    assert len({picture.name.casefold() for picture in pictures}) == len(names)
    assert {path.name for path in user.folder.iterdir()} >= {"docs.md", "docs.files"}
    assert all(picture.suffix == ".png" for picture in pictures)


def test_svg_picture_is_not_written_to_a_file(user: User, ontology: OntologyAnswers) -> None:
    """Opened on its own, it can run scripts."""
    svg = base64.b64encode(b"<svg onload='alert(1)'></svg>").decode()
    ontology.saved_documents = {MACRO: f"![p](data:image/png;base64,{svg})"}
    file = user.folder / "docs.md"
    assert user.types("study", "docs", "21", "-o", str(file)).code == 0
    assert not (user.folder / "docs.files").exists()
    assert f"![p](data:image/svg+xml;base64,{svg})" in file.read_text()


def test_page_is_one_file_without_scripts(user: User, ontology: OntologyAnswers) -> None:
    file = user.folder / "docs.html"
    assert user.types("study", "docs", "21", "-o", str(file)).code == 0
    page = file.read_text()
    assert "script-src 'none'" in page
    assert "<script" not in page
    assert "<h2>Macro Economics</h2>" in page
    assert '<a href="#d1-1">Model</a>' in page
    assert "<msub>" in page
    assert 'src="data:image/png;base64,' in page
    assert 'id="fn-d1-1"' in page
    assert 'id="fn-d2-1"' in page


def test_restricted_viewer_reads_documentation(user: User, ontology: OntologyAnswers) -> None:
    user.environ["SOSTRADES_API_KEY"] = KEYS["viewer"]
    assert user.types("study", "docs", "21", "Macro").out == TEXT


def test_hostile_study_stays_text_and_in_its_folder(user_of: Callable[..., User]) -> None:
    user = user_of(world="hostile")
    out = user.types("study", "docs", "1", tty=True, NO_COLOR="1").out
    assert "\x1b" not in out
    assert not {"\x07", "\u202e", "\u2066"} & set(out)
    before = set(user.folder.rglob("*"))
    assert user.types("study", "docs", "1", "-o", str(user.folder / "docs.md")).code == 0
    files = {path.relative_to(user.folder).as_posix() for path in set(user.folder.rglob("*")) - before}
    assert {name.split("/")[0] for name in files} <= {"docs.md", "docs.files", "cache", "state"}
    assert all(name.endswith((".png", ".jpg", ".gif", ".webp")) for name in files if name.startswith("docs.files/"))


def test_labels_of_a_hostile_study_are_text(user_of: Callable[..., User]) -> None:
    out = user_of(world="hostile").types("param", "list", "1", "--labels", "--all", tty=True, NO_COLOR="1").out
    assert "\x1b" not in out
    assert not {"\x07", "\u202e", "\u2066"} & set(out)


@pytest.mark.slow
def test_file_names_all_nodes_without_documentation(user: User) -> None:
    file = user.folder / "docs.md"
    noted = user.types("study", "docs", "13", "-o", str(file)).err
    missing = user.prints("study", "docs", "13")["undocumented"]
    assert len(missing) > 3
    assert all(node in noted for node in missing)
    assert not all(node in user.types("study", "docs", "13").err for node in missing)
