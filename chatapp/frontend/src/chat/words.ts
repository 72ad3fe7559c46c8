/** The beginning of a message, of which the server gives so many characters, without the marks of Markdown. */
export function words(excerpt: string, limit: number): string {
  const cut = [...excerpt].length >= limit ? "…" : "";
  const lines = excerpt.replace(/^ {0,3}(?:>|[-*+])[ \t]+/gm, "").replace(/!?\[([^\]]*)\]\([^)]*\)?/g, "$1");
  return unmarked(lines).trim() + cut;
}

/** Without the marks of headings, bold words and code, which are known in one line too. */
export function unmarked(text: string): string {
  return text.replace(/(^|\s)#{1,6}[ \t]+|\*\*(?=\S)|(\S)\*\*|`+/g, "$1$2");
}
