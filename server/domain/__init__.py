"""Every rule, pure: no framework, no I/O, no clock."""
