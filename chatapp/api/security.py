"""What every answer tells browsers, and the refusal of what other sites send."""

from urllib.parse import urlsplit

from flask import Flask, Response, request
from werkzeug.middleware.proxy_fix import ProxyFix

from chatapp.api.problems import CrossSite
from chatapp.api.request_id import request_id
from chatapp.api.sub_path import ignore_malformed
from config.settings import Settings

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
OWN_SITE = frozenset({"same-origin", "none"})
DEFAULT_PORTS = {"http": 80, "https": 443}

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; base-uri 'none'; connect-src 'self'; font-src 'self' data:; form-action 'self'; "
    "frame-ancestors 'none'; frame-src 'none'; img-src 'self' data: blob:; object-src 'none'; script-src 'self'; "
    "style-src 'self' 'unsafe-inline'; worker-src 'self' blob:"
)
HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
)
ONE_YEAR = "max-age=31536000"


def register(app: Flask, settings: Settings) -> None:
    """Headers and refusals on ``app``; as many proxies are believed as the settings say."""
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        inner = ignore_malformed(app.wsgi_app)
        app.wsgi_app = ProxyFix(inner, x_for=hops, x_proto=hops, x_host=hops, x_prefix=hops)  # type: ignore[method-assign]
    app.before_request(refuse_other_sites)
    app.after_request(add_headers)


def refuse_other_sites() -> None:
    """Lets no other site change anything with the visitor's cookie.

    Browsers say in ``Sec-Fetch-Site`` who sends a request; older ones only in ``Origin``. Programs send neither.

    Raises:
        CrossSite: another site does. A sibling domain is another site: who runs it is not known.
    """
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site not in OWN_SITE:
            raise CrossSite
        return
    origin = request.headers.get("Origin")
    if origin is not None and not _is_own(origin):
        raise CrossSite


def add_headers(response: Response) -> Response:
    """On every answer. A view may set its own policy for content and caches."""
    headers = response.headers
    headers.add("X-Request-Id", request_id())
    for name, value in HEADERS:
        headers.add(name, value)
    headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    if request.is_secure:
        headers.add("Strict-Transport-Security", ONE_YEAR)
    if request.path.startswith("/api/"):
        headers.setdefault("Cache-Control", "no-store")
    return response


def _is_own(origin: str) -> bool:
    """Whether ``origin`` is the host that was asked. The scheme may differ behind a proxy that ends TLS."""
    try:
        sender = urlsplit(origin)
        return sender.scheme in DEFAULT_PORTS and _host(sender.netloc, sender.scheme) == _host(
            request.host, sender.scheme
        )
    except ValueError:
        return False


def _host(netloc: str, scheme: str) -> tuple[str | None, int]:
    parts = urlsplit(f"//{netloc}")
    return parts.hostname, parts.port or DEFAULT_PORTS[scheme]
