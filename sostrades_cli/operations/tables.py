"""Tables of parameters as typed columns."""

from __future__ import annotations

import io

from sostrades_cli.output.results import Rows


def table_rows(content: bytes) -> Rows:
    """Read a downloaded CSV as rows: whole and floating numbers, bools and text by column, no value where blank."""
    import pandas as pd  # noqa: PLC0415 - start-up: half a second, for tables only

    frame = pd.read_csv(io.BytesIO(content))
    whole = frame.astype(object).where(frame.notna(), None)
    return Rows(tuple(map(str, frame.columns)), whole.to_numpy().tolist())
