"""Files of media: told by content, cleaned, kept, and fetched from allowed hosts."""
