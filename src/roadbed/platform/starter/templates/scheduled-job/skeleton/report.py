"""Makes a report, and keeps it in the bucket as reports/DATE.csv."""

import csv
import io
import os
from datetime import UTC, date, datetime


def report(day: date) -> str:
    """What the report of a day says: write this anew."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["day", "weekday"])
    rows.writerow([day.isoformat(), day.strftime("%A")])
    return text.getvalue()


def keep(day: date) -> str:
    """A second run on one day writes it anew: trying again is harmless."""
    import boto3  # reads its keys and the endpoint from the environment

    key = f"reports/{day.isoformat()}.csv"
    boto3.client("s3").put_object(Bucket=os.environ["S3_BUCKET"], Key=key, Body=report(day).encode())
    return key


if __name__ == "__main__":
    print(f"kept {keep(datetime.now(UTC).date())}")
