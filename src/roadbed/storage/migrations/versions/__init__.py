"""One file a revision, numbered in order. What was released is never edited."""
