"""Where a relay keeps what it must keep: two SQLite files and a folder of blobs."""
