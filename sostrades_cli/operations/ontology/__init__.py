"""What parameters and disciplines mean: labels, definitions and documentation of the ontology."""
