"""Pages of the crm room."""
