"""Stories in plain text."""
