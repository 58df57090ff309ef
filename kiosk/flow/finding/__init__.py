"""Finding the right thing: searching in one's own words, and what can be done online. Pure, like all of `kiosk.flow`."""
