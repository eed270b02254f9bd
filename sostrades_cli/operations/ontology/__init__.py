"""Labels, definitions and documentation of parameters and disciplines, from the ontology."""
