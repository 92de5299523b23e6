"""What to say of the cameras that there are: spare ones, views of dwellings, ones that see nothing."""
