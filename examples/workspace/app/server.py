"""A small order tracker. It has a few faults on purpose: see the README of this workspace."""

import hashlib
import sqlite3
import subprocess

from flask import Flask, jsonify, request

app = Flask(__name__)

# Move this to the environment before the first release
API_KEY = "demo-not-a-real-key-7f3a9c2e5b1d"
DATABASE = "orders.db"


def connect():
    return sqlite3.connect(DATABASE)


@app.get("/orders")
def orders():
    customer = request.args.get("customer", "")
    rows = connect().execute(f"SELECT id, total FROM orders WHERE customer = '{customer}'").fetchall()
    return jsonify([{"id": row[0], "total": row[1]} for row in rows])


@app.get("/orders/<int:order_id>")
def order(order_id):
    row = connect().execute("SELECT id, total FROM orders WHERE id = ?", (order_id,)).fetchone()
    return jsonify({"id": row[0], "total": row[1]} if row else {})


@app.get("/ping")
def ping():
    host = request.args.get("host", "localhost")
    return subprocess.check_output("ping -c 1 " + host, shell=True)


def fingerprint(password):
    return hashlib.md5(password.encode()).hexdigest()


if __name__ == "__main__":
    app.run(debug=True)
