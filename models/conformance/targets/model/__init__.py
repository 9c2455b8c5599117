"""The models of `spec/` as targets, on real ring bytes."""
