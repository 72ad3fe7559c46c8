"""Devices where somebody has signed in before. Strangers who guess passwords cannot keep them out.

Such a device keeps a cookie for each account, and shows it only when it signs in. The cookie is signed for that
account's e-mail and holds nothing but a random id, under which the device's failures are counted. It proves no more
than that somebody knew the password there, and lets nobody in.
"""

import secrets
from datetime import timedelta

from flask import Response, current_app, g, request
from itsdangerous import BadSignature, Signer

LIFETIME = timedelta(days=365)
NAME_CHARS = 16


def known_device(email: str) -> str | None:
    """The id of the caller's device, if the account ``email`` (normalised) has signed in there before."""
    try:
        return _signer(email).unsign(request.cookies.get(_cookie(email), "")).decode()
    except BadSignature:
        return None


def remember_device(email: str, path: str) -> None:
    """Gives the caller's device the cookie for ``email``, to be shown at ``path`` alone."""
    value = _signer(email).sign(known_device(email) or secrets.token_urlsafe(16)).decode()
    g.device_cookie = {"key": _cookie(email), "value": value, "path": path}


def add_device_cookie(response: Response) -> None:
    """Called once the session's cookie is there: simple clients keep only the first one."""
    if "device_cookie" in g:
        response.set_cookie(
            **g.device_cookie, max_age=LIFETIME, secure=request.is_secure, httponly=True, samesite="Strict"
        )


def _cookie(email: str) -> str:
    """One for each account, so that people who share a browser are all known there; the e-mail cannot be read off."""
    return "chatapp_device_" + _signer(email).get_signature("name").decode()[:NAME_CHARS]


def _signer(email: str) -> Signer:
    return Signer(current_app.secret_key or "", salt=f"known device of {email}")
