"""What every capability stands on: errors, ids, the clock, pages, principals. No I/O but reading the clock; imports in a few ms."""
