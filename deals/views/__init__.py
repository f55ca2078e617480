"""Pages of the deals room, by subject."""
