"""Pairs of captures, of both sides of a path, and what became of each frame between them."""
