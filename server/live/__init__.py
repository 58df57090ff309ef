"""Views, feeds and the hub: what each screen may see, and keeping it in step."""
