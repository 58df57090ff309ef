"""What takes pictures of papers: a USB camera or a Raspberry Pi's own over a plate, flatbed and network scanners, and a simulated plate."""
