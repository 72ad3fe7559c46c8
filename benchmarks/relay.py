"""The yardstick: the smallest application that passes the openai client's stream on, and stores nothing.

Beside it the same with the least that a stored turn takes, which shows how much of a difference is the storing itself.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from functools import cache
from typing import Any

from flask import Flask, Response, request
from openai import OpenAI
from pymongo import MongoClient
from pymongo.database import Database

app = Flask(__name__)


@cache
def client() -> OpenAI:
    return OpenAI(api_key="none", base_url=os.environ["OPENAI_BASE_URL"], max_retries=0)


@cache
def database() -> Database[dict[str, Any]]:
    client: MongoClient[dict[str, Any]] = MongoClient(os.environ["MONGODB_URI"], w="majority", journal=True)
    return client["relay"]


@app.get("/healthz")
def healthz() -> str:
    return "ok"


@app.post("/chat")
def chat() -> Response:
    content = request.get_json()["content"]

    def events() -> Iterator[str]:
        stream = client().chat.completions.create(
            model=os.environ["CHATAPP_MODELS"], messages=[{"role": "user", "content": content}], stream=True
        )
        for chunk in stream:
            text = chunk.choices[0].delta.content if chunk.choices else None
            if text:
                yield f"event: delta\ndata: {json.dumps({'text': text})}\n\n"

    return Response(events(), mimetype="text/event-stream")


@app.post("/chat/<name>")
def stored_chat(name: str) -> Response:
    """The same after one read by an index, as for a sign-in, and one write that outlives a crash."""
    content = request.get_json()["content"]
    database()["sign_ins"].find_one({"_id": name})
    newest = {"$each": [{"content": content}], "$slice": -20}
    database()["conversations"].update_one({"_id": name}, {"$push": {"messages": newest}}, upsert=True)
    return chat()
