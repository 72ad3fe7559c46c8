/** The typed client of the HTTP API. */
import createClient from "openapi-fetch";
import { config } from "./config";
import { anySignal } from "../lib/waiting";
import { errorFrom, Unreachable, type Refusal } from "./errors";
import { keys } from "./keys";
import { queryClient } from "./queryClient";
import type { paths } from "./schema";
import { signIn } from "./signIn";
import type { User } from "./types";

const SILENCE = 30_000; // ms without response headers: the server sends them within seconds, so the connection is dead

/**
 * `fetch` that fails with `Unreachable`, and reports a 401 so that the page can ask for the password again. It says whom
 * the page shows: all tabs share one cookie, and nothing is done in the name of somebody who has logged in beside them.
 */
export async function reach(request: Request): Promise<Response> {
  const shown = queryClient.getQueryData<User | null>(keys.me);
  if (shown) request.headers.set("Chatapp-User", shown.id);
  let response: Response;
  const dead = new AbortController();
  const timer = setTimeout(() => dead.abort(), SILENCE);
  try {
    response = await fetch(request, { signal: anySignal(request.signal, dead.signal) });
  } catch (cause) {
    if (request.signal.aborted) throw cause;
    throw new Unreachable(cause);
  } finally {
    clearTimeout(timer);
  }
  if (response.status === 401 && !request.url.includes("/api/auth/log")) signIn.expire();
  if (response.status === 409 && (await reasonOf(response)) === "other_user") return startAnew();
  return response;
}

const reasonOf = (response: Response): Promise<unknown> =>
  response.clone().json().then((body: Partial<Refusal> | null) => body?.reason, () => null);

/** Begins again for whoever is signed in now. Nothing of the person before is shown meanwhile, and nothing goes on. */
export function startAnew(): Promise<never> {
  document.body.hidden = true;
  location.reload();
  return new Promise(() => undefined);
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
