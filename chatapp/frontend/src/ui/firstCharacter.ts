/** What a reader sees as the first character, joined emoji whole. Firefox before 125 cannot tell: there it is a code point. */
export function firstCharacter(text: string): string {
  if (!("Segmenter" in Intl)) return [...text][0] ?? "";
  const [first] = new Intl.Segmenter().segment(text);
  return first?.segment ?? "";
}
