"""Background work that people wait for: its state and progress, kept as rows."""
