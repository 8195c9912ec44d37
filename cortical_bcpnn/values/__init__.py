"""Numbers and quantities as users give them."""
