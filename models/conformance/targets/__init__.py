"""The targets that come with vrx, a folder each: its `plan.py` says how they are made."""
