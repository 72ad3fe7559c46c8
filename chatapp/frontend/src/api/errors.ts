/** What a call to the server can fail with. */

/** The server answered, and refused. `fields` maps a field's name in JSON to sentences. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly fields: Record<string, string[]> = {},
    readonly retryAfter: number | null = null,
    readonly body: unknown = null,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

/** No answer came: the network or the server is away. Whether the call took effect is not known. */
export class Unreachable extends Error {
  constructor(cause?: unknown) {
    super("The server cannot be reached.", { cause });
    this.name = "Unreachable";
  }
}

/** Sentences of flask-smorest's `errors`, which may be nested by location (`{json: {email: [...]}}`). */
export function fieldErrors(errors: unknown): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  collect(errors, "", found);
  return found;
}

function collect(value: unknown, name: string, found: Record<string, string[]>): void {
  if (typeof value === "string") (found[name] ??= []).push(value);
  else if (Array.isArray(value)) for (const item of value) collect(item, name, found);
  else if (value && typeof value === "object") for (const [key, item] of Object.entries(value)) collect(item, key, found);
}

/** The error that an answer of the server stands for. */
export function errorFrom(response: Response, body: unknown): ApiError {
  const fault = body && typeof body === "object" ? (body as { message?: unknown; errors?: unknown }) : {};
  const message = typeof fault.message === "string" && fault.message ? fault.message : `HTTP ${response.status}`;
  const wait = Number(response.headers.get("Retry-After"));
  return new ApiError(response.status, message, fieldErrors(fault.errors), wait > 0 ? wait : null, body);
}

/** Worth trying again by itself: the network was away, or the server said that it is, for now. */
export function isPassing(error: unknown): boolean {
  return error instanceof Unreachable || (error instanceof ApiError && [502, 503, 504].includes(error.status));
}

/** Nothing with this id is there for this person, and trying again changes nothing. */
export const isGone = (error: unknown): boolean => error instanceof ApiError && (error.status === 404 || error.status === 403);
