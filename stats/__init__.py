"""Pure statistics on plain values and arrays, usable from a notebook."""
