from fastapi import FastAPI
from tasks import add

GREETING = "Hello from Celery"

app = FastAPI()


@app.get("/")
def home() -> dict[str, str]:
    return {"message": GREETING}


@app.post("/sums", status_code=202)
def begin(a: int, b: int) -> dict[str, str]:
    return {"task": add.delay(a, b).id}


@app.get("/sums/{task}")
def result(task: str) -> dict[str, object]:
    found = add.AsyncResult(task)
    return {"state": found.state, "result": found.result if found.successful() else None}
