"""Checks of the connection, the key and the server. They change nothing."""
