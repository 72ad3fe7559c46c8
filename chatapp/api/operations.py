"""For the people who run the server: is it alive, is it ready, what does it do."""

import hmac

from flask import Response, jsonify, request
from marshmallow import fields
from prometheus_client import CONTENT_TYPE_LATEST

from chatapp.api.blueprint import ApiBlueprint
from chatapp.api.caller_address import is_from_this_host
from chatapp.api.openapi import may_fail
from chatapp.api.problems import MetricsNotAllowed
from chatapp.api.schemas.base import ApiSchema
from chatapp.container import container
from chatapp.errors import StoreUnavailable

blueprint = ApiBlueprint("operations", __name__, description="For the people who run the server")


class ServerStateSchema(ApiSchema):
    """The state of the server."""

    status = fields.String(required=True, metadata={"example": "ready"})
    reason = fields.String(metadata={"description": "Why it is not ready, as a sentence."})


@blueprint.before_app_request
def refuse_while_upgrading() -> None:
    """Refuses every request until the indexes are there that keep the data right.

    Raises:
        StoreUnavailable: MongoDB was unreachable when this worker started, and is not up to date yet.
    """
    if not container().schema_is_current and request.path.startswith("/api/"):
        raise StoreUnavailable(retry_after=1)


@blueprint.route("/healthz", methods=["GET"])
@blueprint.response(200, ServerStateSchema, example={"status": "ok"})
def get_health() -> dict[str, str]:
    """Say whether the process answers.

    It asks nobody else, so it says nothing about MongoDB.
    """
    return {"status": "ok"}


@blueprint.route("/readyz", methods=["GET"])
@blueprint.response(200, ServerStateSchema, example={"status": "ready"})
@blueprint.alt_response(
    503,
    schema=ServerStateSchema,
    example={"status": "unavailable", "reason": "MongoDB does not answer (ServerSelectionTimeoutError)."},
)
def get_readiness() -> Response:
    """Say whether MongoDB answers and takes writes.

    The model provider does not count: without it conversations can still be read.
    """
    reason = container().why_not_ready()
    response = jsonify(status="ready") if reason is None else jsonify(status="unavailable", reason=reason)
    response.status_code = 200 if reason is None else 503
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.route("/metrics", methods=["GET"])
@may_fail(MetricsNotAllowed)
@blueprint.doc(security=[{"metrics": []}, {}])
@blueprint.response(200, {"type": "string"}, content_type="text/plain", description="Prometheus' text format.")
def get_metrics() -> Response:
    """Report what all workers of this host did.

    In the text format of Prometheus, for callers with the token that the server was configured with. A server without
    one tells only callers on its own host, and not through a proxy.
    """
    if not _may_read_metrics(container().settings.metrics_token):
        raise MetricsNotAllowed
    return Response(container().metrics.report(), content_type=CONTENT_TYPE_LATEST)


def _may_read_metrics(token: str) -> bool:
    if not token:
        return is_from_this_host()
    given = request.authorization
    presented = given.token or "" if given is not None and given.type == "bearer" else ""
    return hmac.compare_digest(presented.encode(), token.encode())
