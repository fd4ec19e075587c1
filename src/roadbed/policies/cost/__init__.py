"""What is paid for and not needed."""
