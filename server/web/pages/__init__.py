"""What people see in a browser: pages written by the server, with no rule of their own."""
