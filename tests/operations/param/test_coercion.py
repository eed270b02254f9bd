"""Test the coercion of text to a declared type."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sostrades_cli.api.models import Parameter
from sostrades_cli.errors import UsageError
from sostrades_cli.exit_codes import ExitCode, exit_code_of
from sostrades_cli.operations.param import coercion
from sostrades_cli.operations.param.assignments import Assignment
from sostrades_cli.operations.param.metadata import ParameterInfo
from sostrades_cli.operations.tables.equality import equal

KEY = "dice.Macro.gamma"
quickly = settings(deadline=None, max_examples=20)
finite = st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
scalars = st.none() | st.booleans() | st.integers() | finite | texts
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=12
)


def coercion_error(text: str, declared: str) -> UsageError:
    """Return the error for a text and a declared type."""
    with pytest.raises(UsageError) as caught:
        coercion.parse(text, declared, KEY)
    assert exit_code_of(caught.value) is ExitCode.USAGE
    return caught.value


@quickly
@given(finite)
def test_float_is_coerced_exactly(number: float) -> None:
    read = coercion.parse(repr(number), "float", KEY)
    assert isinstance(read, float)
    assert repr(read) == repr(number)


@quickly
@given(st.integers())
def test_int_is_coerced_exactly(number: int) -> None:
    """It becomes a float if a float is declared."""
    assert coercion.parse(repr(number), "int", KEY) == number
    assert type(coercion.parse(repr(number), "int", KEY)) is int
    assert type(coercion.parse("5", "float", KEY)) is float


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2020", 2020),
        ("2020.0", 2020),
        ("2020.", 2020),
        ("-5.00", -5),
        ("2.02e3", 2020),
        ("1" + "0" * 30 + ".0", 10**30),
    ],
)
def test_integer_may_be_written_as_a_float(text: str, number: int) -> None:
    """Ints beside floats become floats in pandas and numpy."""
    assert coercion.parse(text, "int", KEY) == number
    assert type(coercion.parse(text, "int", KEY)) is int


@pytest.mark.parametrize(
    ("value", "declared", "expected"),
    [(2020.0, "int", 2020), (-0.0, "int", 0), (1.0, "bool", True), (0.0, "bool", False), (1, "bool", True)],
)
def test_typed_float_becomes_an_int_or_bool_if_declared(value: float, declared: str, expected: object) -> None:
    """JSON, TOML and the library may provide floats for both."""
    result = coercion.coerced(value, declared, KEY)
    assert (result, type(result)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("value", "declared"), [(2020.5, "int"), (1e17, "int"), (2.0, "bool"), (True, "int"), ("1.0", "bool")]
)
def test_other_typed_values_are_rejected(value: object, declared: str) -> None:
    """Fractions and floats too large to be exact included."""
    with pytest.raises(UsageError):
        coercion.coerced(value, declared, KEY)


@pytest.mark.parametrize("word", ["true", "True", "TRUE", "yes", "on", "1", "1.0", " true "])
def test_words_for_true_are_coerced(word: str) -> None:
    assert coercion.parse(word, "bool", KEY) is True


@pytest.mark.parametrize("word", ["false", "False", "FALSE", "no", "off", "0", "0.0", " false "])
def test_words_for_false_are_coerced(word: str) -> None:
    assert coercion.parse(word, "bool", KEY) is False


@quickly
@given(texts, st.sampled_from(["string", "proc_builder_modal", "<class 'numpy.ndarray'>"]))
def test_string_is_unchanged(text: str, declared: str) -> None:
    """Blanks and quotes are kept, also for an unknown type."""
    assert coercion.parse(text, declared, KEY) == text


@quickly
@given(st.lists(anything, max_size=4), st.booleans())
def test_list_is_parsed_as_json(value: list[Any], ascii_only: bool) -> None:
    read = coercion.parse(json.dumps(value, ensure_ascii=ascii_only), "list", KEY)
    assert repr(read) == repr(value)


@quickly
@given(st.dictionaries(texts, anything, max_size=4), st.booleans())
def test_dict_is_parsed_as_json(value: dict[str, Any], ascii_only: bool) -> None:
    read = coercion.parse(json.dumps(value, ensure_ascii=ascii_only), "dict", KEY)
    assert repr(read) == repr(value)


@quickly
@given(anything.filter(lambda value: not isinstance(value, str)))
def test_value_of_unknown_type_is_parsed_as_json(value: object) -> None:
    assert repr(coercion.parse_undeclared(json.dumps(value), KEY)) == repr(value)


@pytest.mark.parametrize("text", ["hello", "", "1,5", "[1, 2", "True", "0x10", "'7'", "007", "café", " x "])
def test_invalid_json_of_unknown_type_is_a_string(text: str) -> None:
    assert coercion.parse_undeclared(text, KEY) == text


@pytest.mark.parametrize("declared", ["string_list", "float_list", "int_list", "dict_list", "string_list_list"])
def test_legacy_list_types_accept_only_lists(declared: str) -> None:
    assert coercion.parse("[1]", declared, KEY) == [1]
    assert "[1.0, 2.0]" in str(coercion_error('{"a": 1}', declared).hint)


@pytest.mark.parametrize(
    ("declared", "text", "help_with"),
    [
        ("float", "nan", "finite"),
        ("float", "NaN", "finite"),
        ("float", "inf", "finite"),
        ("float", "-Infinity", "finite"),
        ("float", "1e999", "double"),
        ("float", "1,5", "1.5"),
        ("float", "-1,5", "-1.5"),
        ("float", "", "12.5"),
        ("float", "12.5 kg", "12.5"),
        ("float", "1_000", "write 1000"),
        ("float", "\u0661", "12.5"),
        ("float", "[1.0]", "12.5"),
        ("float", "0x10", "12.5"),
        ("int", "2.5", "whole"),
        ("int", "1e-3", "whole"),
        ("int", "1_000", "write 1000"),
        ("int", "1,234", "1234"),
        ("float", "1,234", "1234 or 1.234"),
        ("float", "1,234.5", "write 1234.5"),
        ("float", "1.D+03", "write 1.e+03"),
        ("int", "", "whole"),
        ("int", "true", "whole"),
        ("int", "\u0661", "whole"),
        ("int", "9" * 5000, "digits"),
        ("bool", "maybe", "true or false"),
        ("bool", "2", "true or false"),
        ("bool", "", "true or false"),
        ("string", "a\udcffb", "UTF-8"),
        ("list", "[NaN]", "NaN"),
        ("list", "[-Infinity]", "-Infinity"),
        ("list", "[1e999]", "1e999"),
        ("list", "1.0, 2.0", "[1.0, 2.0]"),
        ("list", '{"a": 1}', "[1.0, 2.0]"),
        ("list", "[1.0,]", "[1.0]"),
        ("list", "['a']", '["a"]'),
        ("list", "[" * 100_000, "[1.0, 2.0]"),
        ("list", '["\\ud800"]', "character"),
        ("list", "", "[1.0, 2.0]"),
        ("dict", "[1.0]", '{"a": 1.0}'),
        ("dict", "{'a': 1.0}", '{"a": 1.0}'),
        ("dict", '{"a": NaN}', "NaN"),
        ("dict", '{"\\udc00": 1}', "character"),
        ("dict", "null", '{"a": 1.0}'),
    ],
)
def test_values_that_the_server_cannot_store_are_rejected(declared: str, text: str, help_with: str) -> None:
    error = coercion_error(text, declared)
    assert KEY in error.message
    assert help_with in str(error.hint)
    assert len(error.message) < 300


@pytest.mark.parametrize("text", ["NaN", "Infinity", "[1e999]", '"\\ud800"', "\udcff"])
def test_values_that_the_server_cannot_store_are_rejected_for_unknown_types(text: str) -> None:
    with pytest.raises(UsageError):
        coercion.parse_undeclared(text, KEY)


@pytest.mark.parametrize("declared", ["dataframe", "array"])
@pytest.mark.parametrize("text", ["[]", '[{"a": 1}]', '{"a": [1]}', "1", "x"])
def test_json_for_a_table_or_array_is_rejected(declared: str, text: str) -> None:
    """The server would accept it, and the next run would fail."""
    error = coercion_error(text, declared)
    assert "CSV or Excel file" in error.message
    assert f"{KEY}=@FILE.csv" in str(error.hint)


@quickly
@given(anything)
def test_value_equals_its_json_round_trip(value: object) -> None:
    assert equal(value, json.loads(json.dumps(value)))


@pytest.mark.parametrize(
    ("value", "other", "expected"),
    [
        (5, 5.0, True),
        (1, True, False),
        (0.0, False, False),
        ("5", 5, False),
        (None, "", False),
        (None, 0, False),
        ([1, 2], [2, 1], False),
        ([1], [1, 2], False),
        ([[True]], [[1]], False),
        ({"a": 1, "b": 2}, {"b": 2.0, "a": 1}, True),
        ({"a": 1}, {"a": 1, "b": None}, False),
        ({"a": True}, {"a": 1}, False),
        ("a", "a ", False),
        (9007199254740993, 9007199254740992, False),
    ],
)
def test_numbers_are_equal_by_value_and_differ_from_bools(value: object, other: object, expected: bool) -> None:
    """Numbers are compared by value, bools are not numbers, and the order of keys is ignored."""
    assert equal(value, other) is expected
    assert equal(other, value) is expected


@pytest.mark.parametrize(
    ("declared", "value", "typed"),
    [
        ("float", 1, 1.0),
        ("float", 1.5, 1.5),
        ("float", True, None),
        ("float", "1.5", None),
        ("float", None, None),
        ("int", 1, 1),
        ("int", 2.0, 2),
        ("int", 2.5, None),
        ("int", float(2**53), 2**53),
        ("int", float(2**54), None),
        ("int", True, None),
        ("bool", True, True),
        ("bool", 1, True),
        ("bool", 0.0, False),
        ("bool", 2, None),
        ("bool", "true", None),
        ("string", "x", "x"),
        ("string", 1, None),
        ("list", [1], [1]),
        ("float_list", {"a": 1}, None),
        ("dict", {"a": 1}, {"a": 1}),
        ("dict", [1], None),
        ("df_dict", [1], None),
        ("dataframe", [1], None),
        ("array", [1.0], None),
        ("unheard_of", [1], [1]),
    ],
)
def test_typed_value_must_have_the_declared_type(declared: str, value: Any, typed: Any) -> None:
    """Values from JSON, TOML and Python are not texts to be read."""
    if typed is None:
        with pytest.raises(UsageError):
            coercion.coerced(value, declared, KEY)
    else:
        fitted = coercion.coerced(value, declared, KEY)
        assert (type(fitted), fitted) == (type(typed), typed)


@pytest.mark.parametrize("kind", ["float", "dict", "list", "string", None])
@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), [1.0, float("nan")], {"a": [float("-inf")]}, "\ud800", ["\udfff"], {"\ud800": 1}],
)
def test_value_that_json_cannot_represent_is_an_error(kind: str | None, value: Any) -> None:
    """The server would store null without an error."""
    with pytest.raises(UsageError):
        coercion.typed(Assignment(KEY, value=value), ParameterInfo(KEY, kind, None, None, None))


@pytest.mark.parametrize(
    "assignment", [Assignment(KEY, "{}"), Assignment(KEY, value={}), Assignment(KEY, value={"a": 1})]
)
def test_dict_of_tables_needs_a_file(assignment: Assignment) -> None:
    parameter = Parameter(KEY, "df_dict", None, "gamma", {})
    with pytest.raises(UsageError):
        coercion.typed(assignment, ParameterInfo(KEY, "df_dict", None, parameter, None))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("1.5", 1.5),
        ("true", True),
        ("null", None),
        ('{"a": 1}', {"a": 1}),
        ("a text", "a text"),
        ("1_0", "1_0"),
    ]
    + [
        (text, None)
        for text in ("NaN", "-Infinity", "[NaN]", "1e999", "1e-999", '{"a": 1, "a": 2}', '"\\ud800"', "\ud800")
    ],
)
def test_text_of_an_unknown_type(text: str, value: Any) -> None:
    """JSON that the server cannot hold does not become a text."""
    if value is None and text != "null":
        with pytest.raises(UsageError):
            coercion.parse_undeclared(text, KEY)
    else:
        read = coercion.parse_undeclared(text, KEY)
        assert (type(read), read) == (type(value), value)
