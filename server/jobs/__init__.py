"""What happens by itself: no-shows, the end of the day, sweeping up."""
