import { api, unwrap } from "../api/client";
import type { User } from "../api/types";
import { readText, writeText } from "../lib/storage";

const text = (form: FormData, name: string): string => String(form.get(name) ?? "");

/** Whether whoever logged in here last wanted to be remembered. */
export const isRemembered = (): boolean => readText("remember") !== "no";

export function login(form: FormData): Promise<User> {
  const remember = form.has("remember");
  writeText("remember", remember ? null : "no");
  return unwrap(
    api.POST("/api/auth/login", {
      body: { email: text(form, "email").trim(), password: text(form, "password"), remember },
    }),
  );
}

export function register(form: FormData): Promise<User> {
  const name = text(form, "name").trim();
  return unwrap(
    api.POST("/api/auth/register", {
      body: { email: text(form, "email").trim(), password: text(form, "password"), ...(name ? { name } : {}) },
    }),
  );
}
