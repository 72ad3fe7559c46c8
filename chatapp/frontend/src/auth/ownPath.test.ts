import { expect, test } from "vitest";
import { ownPath } from "./ownPath";

test("a way on after logging in stays on this origin", () => {
  for (const own of ["/settings", "/c/1?a=b#c", `${location.origin}/settings`]) expect(ownPath(own)).toBe(own.replace(location.origin, ""));
  const others = [null, "", "https://evil.example/", "//evil.example/", "/\\evil.example/", "/\t/evil.example/", "/.//evil.example/", "javascript:alert(1)", "http://["];
  for (const other of others) expect(ownPath(other)).toBe("/");
});
