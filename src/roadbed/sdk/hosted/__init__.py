"""What the program host does, a module for each kind of request. `roadbed.sdk.host` is its entry."""
