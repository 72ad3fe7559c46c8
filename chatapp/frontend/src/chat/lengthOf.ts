/** Characters (code points) of a text: exact near the limit, in cheaper code units far below it. */
export function lengthOf(text: string, limit: number): number {
  if (text.length < limit * 0.8) return text.length;
  return text.length - (text.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0);
}
