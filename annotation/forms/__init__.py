"""What a browser posts, read into what the actions take."""
