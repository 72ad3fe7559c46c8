/** The typed client of the HTTP API. */
import createClient from "openapi-fetch";
import { config } from "./config";
import { errorFrom, Unreachable } from "./errors";
import type { paths } from "./schema";
import { signIn } from "./signIn";

const SILENCE = 30_000; // ms without response headers: the server sends them within seconds, so the connection is dead

/** `fetch` that fails with `Unreachable`, and reports a 401 so that the page can ask for the password again. */
export async function reach(request: Request): Promise<Response> {
  let response: Response;
  const dead = new AbortController();
  const timer = setTimeout(() => dead.abort(), SILENCE);
  try {
    response = await fetch(request, { signal: AbortSignal.any([request.signal, dead.signal]) });
  } catch (cause) {
    if (request.signal.aborted) throw cause;
    throw new Unreachable(cause);
  } finally {
    clearTimeout(timer);
  }
  if (response.status === 401 && !request.url.includes("/api/auth/log")) signIn.expire();
  return response;
}

export const api = createClient<paths>({ baseUrl: location.origin + config.basePath, fetch: reach });

interface Outcome<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** The body of a response. Throws `ApiError` or `Unreachable`. */
export async function unwrap<Data>(call: Promise<Outcome<Data>>): Promise<Data> {
  const { data, error, response } = await call;
  if (!response.ok) throw errorFrom(response, error);
  return data as Data;
}
