"""What every capability stands on: errors, ids, the clock, pages, principals. Imports in a few milliseconds."""
