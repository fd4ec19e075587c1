"""Quotes, kept in memory: the kind of service that begins in one file."""

from fastapi import FastAPI, HTTPException

GREETING = "Hello from FastAPI"

app = FastAPI(title="quotes")
quotes = {1: "Simple is better than complex."}


@app.get("/")
def home() -> dict[str, str]:
    return {"message": GREETING}


@app.get("/quotes/{number}")
def quote(number: int) -> dict[str, str]:
    if number not in quotes:
        raise HTTPException(404, f"there is no quote {number}")
    return {"text": quotes[number]}
