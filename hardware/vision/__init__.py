"""What can be read in a picture. No devices here."""
