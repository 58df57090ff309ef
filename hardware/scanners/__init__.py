"""Hand scanners: as a keyboard (through the window, or its event device), on a serial line, and a simulated one."""
