"""The command line `vrx`, and the commands that write the pages: above everything else, and imported by nothing."""
