"""What keeps strangers out, and what is confidential from being read."""
