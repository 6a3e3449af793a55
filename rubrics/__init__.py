"""Instruments: drafted, published, then frozen."""
