"""What programs ask over HTTP, answered as JSON."""
