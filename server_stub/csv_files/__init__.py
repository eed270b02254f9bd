"""CSV files as the server reads them from an upload and writes them for a download."""

from server_stub.csv_files.reader import read
from server_stub.csv_files.writer import write

__all__ = ["read", "write"]
