"""What we can show a customer, for which need, on which channel. Filled by a later release."""
