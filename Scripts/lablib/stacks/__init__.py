"""TCP stacks other than the kernel's, which write their own log of state changes."""
