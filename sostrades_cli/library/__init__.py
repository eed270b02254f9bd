"""The commands as a library: a client of a server, and its studies, with tables as pandas has them."""
