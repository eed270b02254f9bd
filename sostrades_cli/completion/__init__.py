"""Shell completion without the shell: candidates from local files, and the files of an installed script.

The parameter types in ``cli`` call it. It sends no request and writes nothing on TAB.
"""
