"""What the kernel itself says: its log, its socket tables, and the history made of both."""
