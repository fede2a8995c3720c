"""Commands as data: their names, keys and texts, and the mixin that runs them."""
