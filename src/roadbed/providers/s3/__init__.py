"""S3 buckets for applications, on one object store (SeaweedFS) for the whole platform."""
