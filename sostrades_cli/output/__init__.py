"""Output: results, the renderer, a writer per format, messages and live views. No HTTP."""
