"""What a coverage run is told in: its table, the details behind the ratios, and the official targets."""
