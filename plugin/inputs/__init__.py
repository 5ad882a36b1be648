"""What decides a render: which files are read, how they are known again, what was remembered."""
