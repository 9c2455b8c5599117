"""What Z3 answers in bit-vectors: bounded searches, one step at a time, and any ring index."""
