"""What everything that talks to a user shares: exit statuses, progress, files to write."""
