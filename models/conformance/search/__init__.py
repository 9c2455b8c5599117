"""Scenarios: drawn, solved for, toured, kept from earlier runs; and the shortest of those that show something."""
