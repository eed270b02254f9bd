"""CSV files, read and written like the server does."""

from server_stub.csv_files.reader import read
from server_stub.csv_files.writer import write

__all__ = ["read", "write"]
