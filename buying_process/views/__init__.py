"""Pages of the buying_process room, by subject."""
