"""What pages say about the work."""
