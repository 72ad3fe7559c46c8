/** The one typed client of the HTTP contract. */
import createClient from "openapi-fetch";
import { signIn } from "../auth/signIn";
import { errorFrom, Unreachable } from "./errors";
import type { paths } from "./schema";

const SILENCE = 30_000; // ms without an answer's head: the server begins one within seconds, so the way to it is dead

/** `fetch`, whose failures are `Unreachable` and whose 401s tell the page that the sign-in has ended. */
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
  if (response.status === 401 && !new URL(request.url).pathname.startsWith("/api/auth/log")) signIn.expire();
  return response;
}

export const api = createClient<paths>({ baseUrl: location.origin, fetch: reach });

interface Outcome<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** The body of an answer. Raises `ApiError` or `Unreachable`. */
export async function unwrap<Data>(call: Promise<Outcome<Data>>): Promise<Data> {
  const { data, error, response } = await call;
  if (!response.ok) throw errorFrom(response, error);
  return data as Data;
}
