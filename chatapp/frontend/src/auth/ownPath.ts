/** The path of `next` if it leads to this page's own origin, else the chat: anybody can make a link with a `next`. */
export function ownPath(next: string | null): string {
  try {
    const { origin, pathname, search, hash } = new URL(next ?? "/", location.origin);
    const path = pathname + search + hash;
    if (origin === location.origin && new URL(path, origin).origin === origin) return path; // a path may begin with "//"
  } catch {
    // not an address
  }
  return "/";
}
