"""A page to draw on, in the browser: what one draws is recalled by a network that has learned."""
