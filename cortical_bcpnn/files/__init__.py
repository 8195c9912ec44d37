"""Files that are whole or not there, locks, and what made them."""
