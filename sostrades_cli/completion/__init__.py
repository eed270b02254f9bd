"""Shell completion: from an index of the commands and the memory of studies, without a request.

It imports no part of the command line itself, not even click: whoever presses TAB waits for it.
"""
