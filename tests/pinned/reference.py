"""Read CSV files with the server's own versions of pandas and numpy; run by their interpreter, not imported.

Standard input is a JSON list of jobs, each with the file in base64 and a declared type. Standard output is a JSON
list of results: what was read, described, and what is written for it, or the error.
"""

import ast
import base64
import io
import json
import re
import sys
import warnings
from typing import Any

import numpy as np
import pandas as pd
from describing import describe_all

Job = dict[str, str]


def literal_or_text(cell: Any) -> Any:
    """Read a text cell as a Python literal, as an array in numpy's notation, or as itself."""
    if not isinstance(cell, str):
        return cell
    try:
        return ast.literal_eval(cell)
    except (ValueError, SyntaxError):
        return array_or_text(cell) if cell.startswith("[") and cell.endswith("]") else cell


def array_or_text(cell: str) -> Any:
    """Apply the array rule: blanks between the items, brackets that stand alone joined to a neighbour."""
    words = re.findall(r"[^ ,\n]+", cell.replace("array(", "").replace(")", ""))
    for position, word in enumerate(words):
        if word == "[" and position < len(words) - 1:
            words[position + 1] = f"[{words[position + 1]}"
        if word == "]" and position:
            words[position - 1] = f"{words[position - 1]}]"
    try:
        array = arrays(ast.literal_eval(",".join(word for word in words if word not in ("[", "]"))))
        return list(array) if "array(" in cell else array
    except Exception:  # noqa: BLE001 - any failure leaves the text
        return cell


def arrays(value: Any) -> Any:
    """Turn nested lists into arrays."""
    return np.array([arrays(item) for item in value]) if isinstance(value, list) else value


def frame_of(content: bytes) -> pd.DataFrame:
    """Read a file as the server does."""
    return pd.read_csv(io.BytesIO(content), na_filter=False).map(literal_or_text)


def value_of(frame: pd.DataFrame, declared: str) -> Any:
    """Return the value of a declared type that is made of a frame."""
    if declared == "list":
        return list(frame.iloc[:, 0].to_numpy())
    if declared == "array":
        return frame.iloc[:, 0].to_numpy()
    if declared == "dict":
        return dict(zip(frame.variable.tolist(), frame["value"].tolist(), strict=True))
    if declared == "tables":
        columns = [name for name in frame.columns if name != "variable"]
        keys = list(dict.fromkeys(frame["variable"]))[::-1]
        return {key: frame[columns][frame["variable"] == key].reset_index(drop=True) for key in keys}
    return frame


def frame_to_write(value: Any) -> pd.DataFrame:
    """Lay a value out as a table."""
    if isinstance(value, pd.DataFrame):
        return value
    if not isinstance(value, dict):
        if len(value) and isinstance(value[0], dict):
            return frame_of_dicts(value)
        return pd.DataFrame(value, columns=["value"]) if len(value) else pd.DataFrame(columns=["value"])
    if not any(isinstance(item, pd.DataFrame) for item in value.values()):
        return pd.DataFrame(value.items(), columns=["variable", "value"])
    names = ["variable", *next(iter(value.values())).columns]
    whole = pd.DataFrame(columns=names)
    for key, table in value.items():
        whole = pd.concat([whole, table.assign(variable=key)], sort=False)
    return whole[names]


def frame_of_dicts(items: Any) -> pd.DataFrame:
    """Lay a list of dicts out as a table; here the columns keep their order."""
    if isinstance(items, np.ndarray):
        return pd.DataFrame(items, columns=["value"])
    names = ["variable", *dict.fromkeys(key for item in items for key in dict.keys(item))]
    whole = pd.DataFrame(columns=names)
    for number, item in enumerate(items):
        row = pd.DataFrame([list(item.values())], columns=list(item))
        whole = pd.concat([whole, row.assign(variable=number)], sort=False)
    return whole[names]


def described(value: Any) -> Any:
    """Describe a value: the names, types and cells of a table, or its items."""
    if isinstance(value, pd.DataFrame):
        return {
            "columns": list(value.columns),
            "types": [dtype.kind for dtype in value.dtypes],
            "cells": [describe_all(list(value[name].to_numpy())) for name in value.columns],
        }
    if isinstance(value, dict):
        # A table of a dict keeps the types of the columns that it was cut out of.
        tables = [dict(described(item), types=None) for item in value.values() if isinstance(item, pd.DataFrame)]
        return {"keys": describe_all(list(value)), "items": tables or describe_all(list(value.values()))}
    return describe_all(list(value) if isinstance(value, list | np.ndarray) else [value])


def result_of(job: Job) -> dict[str, Any]:
    """Read the file of one job and write it again."""
    try:
        value = value_of(frame_of(base64.b64decode(job["content"])), job["declared"])
    except Exception as error:  # noqa: BLE001 - any failure is a result
        return {"error": [type(error).__name__, str(error)]}
    try:
        buffer = io.StringIO()
        frame_to_write(value).to_csv(buffer, index=False, lineterminator="\n")
        return {"value": described(value), "written": buffer.getvalue()}
    except Exception as error:  # noqa: BLE001 - any failure is a result
        return {"value": described(value), "not written": str(error)}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    json.dump([result_of(job) for job in json.load(sys.stdin)], sys.stdout)
