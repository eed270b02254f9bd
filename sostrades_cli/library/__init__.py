"""The Python library: a client for a server, studies, and tables as pandas DataFrames."""
