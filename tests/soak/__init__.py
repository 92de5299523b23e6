"""Long trials of the project store: kills at random moments, and crowds of writers and readers."""
