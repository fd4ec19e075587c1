import os

from celery import Celery

URL = os.environ.get("REDIS_URL", "redis://localhost:6379/0")

celery = Celery("tasks", broker=URL, backend=URL)


@celery.task
def add(a: int, b: int) -> int:
    return a + b
