"""What a county sends and what it gets back: readers, writers, papers."""
