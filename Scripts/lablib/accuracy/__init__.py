"""How often a program that reads packets agrees with the kernel."""
