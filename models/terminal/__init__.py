"""What everything that runs for a user shares: exit statuses, progress, files to write, the cache."""
