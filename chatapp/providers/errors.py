"""Turns whatever goes wrong with a provider into a ``ProviderError``."""

import math
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from urllib3 import exceptions as wire

from chatapp.clock import utc_now
from chatapp.models.failures import FailureCode
from chatapp.providers.complaints import Complaint, complaint_in

_LONGEST_WAIT = 3600
_USUAL_WAIT = 5


class ProviderError(Exception):
    """The provider gave no answer, or the answer broke off.

    ``retry_after``: seconds after which to try again, if the provider is only busy. ``refused``: the provider would
    refuse the same request again. It answered with a status of 4xx other than 408 and 429, or with an equivalent error
    in a stream. ``complaint``: what the provider said, if anything.
    """

    def __init__(
        self,
        code: FailureCode,
        retry_after: int | None = None,
        *,
        refused: bool = False,
        complaint: Complaint | None = None,
    ) -> None:
        super().__init__(code.sentence)
        self.code = code
        self.retry_after = retry_after
        self.refused = refused
        self.complaint = complaint

    @property
    def sentence(self) -> str:
        """The reason, for a person."""
        return self.code.sentence


def from_exception(error: Exception, *, begun: bool = False) -> ProviderError:
    """urllib3 could not send a request, or could not read the response; ``begun`` if its head has come."""
    if isinstance(error, wire.TimeoutError) and not isinstance(error, wire.NewConnectionError):
        return ProviderError(FailureCode.TIMEOUT)
    if isinstance(error, wire.ProtocolError) or (begun and isinstance(error, wire.SSLError)):
        return ProviderError(FailureCode.CONNECTION_LOST)
    if isinstance(error, wire.DecodeError):
        return ProviderError(FailureCode.MALFORMED_ANSWER)
    return ProviderError(FailureCode.UNREACHABLE)


def from_response(status: int, headers: Mapping[str, str], body: str) -> ProviderError:
    """The status of a response is not one of success."""
    complaint = complaint_in(body, status)
    is_page = body.lstrip().startswith("<")
    if 300 <= status < 400 or (is_page and status in (400, 404, 405, 501)):
        return ProviderError(FailureCode.WRONG_ADDRESS, refused=complaint.is_refusal)
    return _from_complaint(complaint, _retry_after(headers))


def from_event(said: object) -> ProviderError:
    """There is an error in a stream: an object of any form, or text."""
    return _from_complaint(complaint_in(said), None)


def _from_complaint(complaint: Complaint, retry_after: float | None) -> ProviderError:
    code = complaint.code
    wait = _whole_seconds(retry_after) if code in (FailureCode.THROTTLED, FailureCode.MODEL_LOADING) else None
    return ProviderError(code, wait, refused=complaint.is_refusal, complaint=complaint)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds from the header, which holds seconds or a date (RFC 9110)."""
    said = headers.get("retry-after", "")
    try:
        return float(said)
    except ValueError:
        pass
    try:
        return (parsedate_to_datetime(said) - utc_now()).total_seconds()
    except (ValueError, TypeError):
        return None


def _whole_seconds(seconds: float | None) -> int:
    if seconds is None or not math.isfinite(seconds) or seconds < 0:
        return _USUAL_WAIT
    return min(_LONGEST_WAIT, max(1, math.ceil(seconds)))
