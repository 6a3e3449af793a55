"""From files and streams to records: readers of formats, and the record's shape."""
