"""A customer's purchase under way: stage log, buyer signals, efforts, alignment."""
