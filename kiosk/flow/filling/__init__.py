"""A form being filled in, one question a page. Pure, like all of `kiosk.flow`."""
