"""The structure of a study in its read-only file: the tree of nodes, and three diagrams of its exchanges.

All of it follows from the declared parameters of the model: the disciplines that read them, and the one that writes
them.
"""
