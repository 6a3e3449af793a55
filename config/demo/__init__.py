"""The demo project: written for Touchstone, judged by a simulation that says so."""
