"""What is looked at in a user's variant before anything is believed of it: what it reads, and from where."""
