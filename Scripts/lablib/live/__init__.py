"""`wirestate live` beside the kernel it runs on: states second by second, restarts, load."""
