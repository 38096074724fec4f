"""The laboratory behind Scripts/lab: real TCP connections with the kernel's own record beside them."""
