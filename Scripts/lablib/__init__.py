"""The laboratory behind Scripts/lab: real connections with the kernel's own record."""
