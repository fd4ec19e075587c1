import os

import psycopg
from flask import Flask, request

GREETING = "Hello from Flask"

app = Flask(__name__)


def connect():
    return psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)


@app.get("/")
def home():
    return {"message": GREETING}


@app.post("/orders")
def order():
    with connect() as database:
        row = database.execute("INSERT INTO orders (item) VALUES (%s) RETURNING id", [request.json["item"]]).fetchone()
    return {"id": row[0]}, 201


@app.get("/orders/<int:number>")
def show(number):
    with connect() as database:
        row = database.execute("SELECT item, packed FROM orders WHERE id = %s", [number]).fetchone()
    return {"item": row[0], "packed": row[1]} if row else ({"error": "no such order"}, 404)
