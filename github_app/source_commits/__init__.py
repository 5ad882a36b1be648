"""What was committed between two revisions of an artifact's source, for reviewers."""
