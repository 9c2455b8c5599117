"""Deciding claims: which engine answers, what shares a search, what is kept, what an answer is worth."""
