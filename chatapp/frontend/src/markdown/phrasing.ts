/** What Markdown's own syntax lacks within a paragraph or a cell: `<br>`, `<sub>` and `<sup>`. Any other HTML stays text. */
import type { Nodes, Parents, PhrasingContent } from "mdast";

const TAG = /^<(?:(br) *\/?|(\/?)(sub|sup) *)>$/i;

/**
 * Changes the tree in place.
 * @param lineBreaks a line that ends stays a line that ends, as people expect of what they typed.
 */
export function readPhrasing(node: Nodes, lineBreaks: boolean): void {
  if (!("children" in node)) return;
  for (const child of node.children) readPhrasing(child, lineBreaks);
  (node as Parents & { children: unknown[] }).children = nest(node.children as PhrasingContent[], lineBreaks);
}

function nest(nodes: PhrasingContent[], lineBreaks: boolean): PhrasingContent[] {
  const nested: PhrasingContent[] = [];
  const open: { tag: string; at: number }[] = [];
  for (const node of nodes) {
    if (node.type === "text" && lineBreaks) nested.push(...broken(node.value));
    else nested.push(node);
    const [, br, slash, name] = (node.type === "html" && TAG.exec(node.value)) || [];
    const tag = name?.toLowerCase();
    if (br) nested.splice(-1, 1, { type: "break" });
    else if (tag && !slash) open.push({ tag, at: nested.length });
    else if (tag && open.at(-1)?.tag === tag) {
      const from = open.pop()!.at;
      const children = nested.slice(from, -1);
      nested.splice(from - 1, children.length + 2, { type: "emphasis", data: { hName: tag }, children });
    }
  }
  return nested;
}

function broken(text: string): PhrasingContent[] {
  return text.split("\n").flatMap((value, at): PhrasingContent[] => [...(at > 0 ? [{ type: "break" } as const] : []), ...(value ? [{ type: "text", value } as const] : [])]);
}
