"""The doors of the server: sockets, pages, JSON and static files, each behind one gate that knows who may pass."""
