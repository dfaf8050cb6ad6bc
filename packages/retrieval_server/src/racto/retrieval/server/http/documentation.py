"""The OpenAPI document of the server, and a page for people made of it."""

from __future__ import annotations

import html
from functools import cache
from typing import Any

from .replies import Reply

_TEXT = {"type": "string"}
_NAME = {"type": "string", "minLength": 1}
_LIMIT = {"type": "integer", "minimum": 1, "maximum": 100_000, "default": 10}
_SCORES = {"type": "object", "additionalProperties": {"type": "number"}}
_FIELDS: dict[str, tuple[str, dict[str, Any], str]] = {
    "/search": (
        "Search with a service",
        {"service": _NAME, "query": _TEXT, "limit": _LIMIT, "subset": {"type": ["string", "null"]}},
        "service query",
    ),
    "/score": (
        "Score passages against a query",
        {"service": _NAME, "query": _TEXT, "passages": {"type": "array", "items": _TEXT}},
        "service query passages",
    ),
    "/decompose_query": (
        "Split a query into sub-queries",
        {"service": _NAME, "query": _TEXT, "limit": _LIMIT},
        "service query",
    ),
    "/fuse": (
        "Merge rankings into one",
        {"service": _NAME, "query": _TEXT, "scores": {"type": "array", "items": _SCORES}},
        "service query scores",
    ),
    "/content": (
        "Read a document of a collection",
        {"collection": _NAME, "id": _NAME, "view": {"type": ["string", "null"]}},
        "collection id",
    ),
    "/pipeline": (
        "Run a pipeline",
        {
            "pipeline": _NAME,
            "query": _TEXT,
            "collection": {"type": ["string", "null"]},
            "runtime_kwargs": {
                "type": ["object", "null"],
                "additionalProperties": {"type": "object"},
            },
            "explain": {"type": "boolean", "default": False},
        },
        "pipeline query",
    ),
}
_TOLD = {
    "/avail": "Names of services by role",
    "/ping": "Whether the process answers; needs no key",
    "/ready": "Whether requests should come here",
    "/metrics": "Metrics in Prometheus' text format",
    "/openapi.json": "This document",
    "/docs": "This document as a page",
}
_ERRORS = {
    "400": "A field, a service or a pipeline is wrong",
    "401": "No valid key",
    "408": "The body took too long",
    "413": "The body is too large",
    "415": "The body is not announced as JSON",
    "429": "Too many requests wait; see Retry-After",
    "500": "A service failed; the log says why",
    "503": "The server or a service behind it cannot take the request now",
    "504": "The request's time was over",
}


@cache
def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document; it is the same for every server, whose services ``/avail`` tells."""
    paths: dict[str, Any] = {path: {"post": _posted(path)} for path in _FIELDS}
    # The old name of a path, for clients that still use it.
    paths["/query"] = {"post": {**_posted("/search"), "deprecated": True}}
    for path, text in _TOLD.items():
        paths[path] = {"get": {"summary": text, "responses": {"200": {"description": text}}}}
    paths["/ready"]["get"]["responses"]["503"] = {"description": "Starting or draining"}
    paths["/ping"]["get"]["security"] = []
    error = {
        "type": "object",
        "required": ["error", "request_id"],
        "properties": {"error": _TEXT, "request_id": _TEXT},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "racto-retrieval-server", "version": "1"},
        "security": [{}, {"bearer": []}],
        "paths": paths,
        "components": {
            "schemas": {"Error": error},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def _posted(path: str) -> dict[str, Any]:
    summary, properties, required = _FIELDS[path]
    one = {"type": "object", "properties": properties, "required": required.split()}
    # Fields of the batch form stand for all its requests, so that none is required outside.
    many = {
        "type": "object",
        "properties": {"requests": {"type": "array", "minItems": 1, "items": {"type": "object"}}},
        "required": ["requests"],
    }
    failed = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    found = {"application/json": {"schema": {"type": "object"}}}
    responses: dict[str, Any] = {
        "200": {"description": "The answer", "content": found},
        "207": {"description": "A batch of which some requests failed", "content": found},
    }
    errors = {**_ERRORS, "404": "No such document"} if path == "/content" else _ERRORS
    for status, text in errors.items():
        responses[status] = {"description": text, "content": failed}
    body = {"required": True, "content": {"application/json": {"schema": {"anyOf": [one, many]}}}}
    return {"summary": summary, "requestBody": body, "responses": responses}


def _page() -> bytes:
    rows = []
    for path, (summary, properties, required) in _FIELDS.items():
        needed = required.split()
        fields = ", ".join(f"{name}*" if name in needed else name for name in properties)
        rows.append(f"<tr><td>POST {path}<td>{html.escape(summary)}<td>{fields}")
    rows += [f"<tr><td>GET {path}<td>{html.escape(text)}<td>" for path, text in _TOLD.items()]
    return (
        "<!doctype html><html lang=en><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width'><title>racto-retrieval-server</title>"
        "<style>:root{color-scheme:light dark}body{font:1rem/1.5 system-ui;max-width:60rem;"
        "margin:auto;padding:1rem}td,th{text-align:left;vertical-align:top;padding:.2rem .8rem}"
        "</style><h1>racto-retrieval-server</h1><p>Fields with * are required; others reach the "
        "engine as options. <code>{&quot;requests&quot;: [...]}</code> holds many requests. The "
        "whole contract: <a href=openapi.json>openapi.json</a>.<table><tr><th>Path<th>What it does"
        f"<th>Fields{''.join(rows)}</table>"
    ).encode()


PAGE = Reply(
    body=_page(),
    kind=b"text/html; charset=utf-8",
    # Nothing of it runs, and nothing may be made to.
    headers=((b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'"),),
)
"""The page of documentation."""
