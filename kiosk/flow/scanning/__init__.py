"""The scan station: from what papers are for to the receipt. Pure, like all of `kiosk.flow`."""
