"""Shell completion: candidates from local files, and the installation of the scripts.

The parameter types in ``cli`` call it. Completion sends no request and writes no file on TAB.
"""
