"""What has happened: records, jobs and leases, events, call journal, reviews, examples, blobs, queue.

`records` holds every noun that is written down, `ports` what a backend must do, `sqlite/` the embedded backend.
"""
