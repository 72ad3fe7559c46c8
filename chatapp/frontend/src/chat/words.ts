/** The beginning of a message, of which the server gives so many characters, without the marks of Markdown. */
export function words(excerpt: string, limit: number): string {
  const cut = [...excerpt].length >= limit ? "…" : "";
  const plain = excerpt
    .replace(/^ {0,3}(?:#{1,6}|>|[-*+])[ \t]+/gm, "")
    .replace(/!?\[([^\]]*)\]\([^)]*\)?/g, "$1")
    .replace(/\*\*(?=\S)|(\S)\*\*|`+/g, "$1");
  return plain.trim() + cut;
}
