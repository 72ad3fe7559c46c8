/** What a call to the server can fail with. */
import type { components } from "./schema";

export type Reason = components["schemas"]["Reason"];
export type FailureCode = components["schemas"]["FailureCode"];
export type Fault = components["schemas"]["Fault"];

/** Why the server refused something, in words that do not depend on a language; it can be stored. */
export interface Refusal {
  readonly status: number;
  /** Null where the answer is not the server's own, as a proxy's. */
  readonly reason: Reason | null;
  /** What is wrong with which field. */
  readonly faults: readonly Fault[];
  /** Seconds until trying again makes sense, where that is known. */
  readonly retryAfter: number | null;
  /** Finds the request in the server's log. */
  readonly requestId?: string;
}

/** The server answered, and refused. */
export class ApiError extends Error {
  constructor(readonly refusal: Refusal) {
    super(`HTTP ${refusal.status} ${refusal.reason ?? ""}`);
    this.name = "ApiError";
  }

  get status(): number {
    return this.refusal.status;
  }
}

/** No answer came: the network or the server is away. Whether the call took effect is not known. */
export class Unreachable extends Error {
  constructor(cause?: unknown) {
    super("The server cannot be reached.", { cause });
    this.name = "Unreachable";
  }
}

/** The error that an answer of the server stands for. */
export function errorFrom(response: Response, body: unknown): ApiError {
  const { reason = null, faults = [], requestId } = (body && typeof body === "object" ? body : {}) as Partial<Refusal>;
  const wait = Number(response.headers.get("Retry-After"));
  return new ApiError({ status: response.status, reason, faults, retryAfter: wait > 0 ? wait : null, requestId });
}

/** Worth trying again by itself: the network was away, or the server said that it is, for now. */
export function isPassing(error: unknown): boolean {
  return error instanceof Unreachable || (error instanceof ApiError && [408, 502, 503, 504].includes(error.status));
}

/** Nothing with this id is there for this person, and trying again changes nothing. */
export const isGone = (error: unknown): boolean => error instanceof ApiError && (error.status === 404 || error.status === 403);
