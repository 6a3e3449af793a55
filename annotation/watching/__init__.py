"""How a batch is getting on, for its manager: counted from indexes, kept a moment."""
