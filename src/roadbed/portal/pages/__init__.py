"""One file a page: its routes, its view model, and how that is loaded through the services."""
