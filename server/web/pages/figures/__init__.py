"""The managers' pages of figures. Each is a topic of `server.live.telling` on the template `figures/topic.html`, or one of its own that extends `figures/base.html`."""
