/** Conversations that are dragged with the mouse: the selected ones, where the dragged one is among them. */
import type { DragEvent } from "react";
import { selection } from "./selection";

const TYPE = "application/x-chatapp-conversations";

export function startDrag({ dataTransfer }: DragEvent, id: string): void {
  const selected = selection.get();
  dataTransfer.setData(TYPE, JSON.stringify(selected?.has(id) ? [...selected] : [id]));
  dataTransfer.effectAllowed = "copyMove"; // the link itself can be dropped elsewhere
}

export const isDrag = ({ dataTransfer }: DragEvent): boolean => dataTransfer.types.includes(TYPE);

export const dropped = ({ dataTransfer }: DragEvent): ReadonlySet<string> => new Set(JSON.parse(dataTransfer.getData(TYPE)) as string[]);
