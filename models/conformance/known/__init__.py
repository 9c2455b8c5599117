"""Deviations that are known, each with the scenario that shows it: a module for each implementation, or part of one."""
