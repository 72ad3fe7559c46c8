/** What a reader sees as the first character, joined emoji whole. Firefox before 125 cannot tell: there it is a code point. */
export function firstCharacter(text: string): string {
  if (!("Segmenter" in Intl)) return [...text][0] ?? "";
  const [first] = new Intl.Segmenter().segment(text);
  return first?.segment ?? "";
}

/** The beginning of a text, `length` UTF-16 code units at most, without a part of a character. */
export function beginning(text: string, length: number): string {
  if (!("Segmenter" in Intl)) return text.slice(0, length).replace(/[\uD800-\uDBFF]$/, "");
  return text.slice(0, new Intl.Segmenter().segment(text).containing(length)?.index);
}
