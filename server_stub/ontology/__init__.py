"""The ontology service of a stub: labels and definitions of names, and the documentation of models."""
