"""The endpoints: a module for each thing that the service keeps."""
