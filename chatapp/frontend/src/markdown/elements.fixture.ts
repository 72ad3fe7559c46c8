import type { Nodes } from "hast";
import { treeOf } from "./tree";

/** The elements of a text, as HTML with the attributes that matter. */
export function elementsOf(text: string, lineBreaks = false): string {
  return treeOf({ text, lineBreaks })!.children.map(written).join("").trim();
}

function written(node: Nodes): string {
  if (node.type === "text") return node.value;
  if (node.type !== "element") throw new Error(`A ${node.type} is not shown.`);
  const { tagName, properties, children } = node;
  if (tagName === "br") return "<br>";
  const href = properties.href ? ` href="${decodeURI(String(properties.href))}"` : "";
  return `<${tagName}${href}${properties.displayed ? " displayed" : ""}>${children.map(written).join("")}</${tagName}>`;
}
