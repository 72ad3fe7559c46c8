/** The one typed client of the HTTP contract. */
import createClient from "openapi-fetch";
import { signIn } from "../auth/signIn";
import { errorFrom, Unreachable } from "./errors";
import type { paths } from "./schema";

/** `fetch`, whose failures are `Unreachable` and whose 401s tell the page that the sign-in has ended. */
export async function reach(request: Request): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(request);
  } catch (cause) {
    if (request.signal.aborted) throw cause;
    throw new Unreachable(cause);
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
