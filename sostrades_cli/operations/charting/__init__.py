"""The charts of a study: gathered from all sources, listed, drawn, exported, compared."""
