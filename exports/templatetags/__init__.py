"""What pages say about gold."""
