/** Where the reader left each conversation of this tab; none where they were at its end. A reload keeps it. */
import { parseJson } from "../lib/storage";

export interface Place {
  /** The message at the top of the viewport. */
  id: string;
  /** How far above the viewport it begins, in px. */
  above: number;
}

const NAME = "chatapp:places";
const MOST = 50; // conversations: those that were left last

const places = new Map<string, Place>(stored());

export const placeIn = (conversationId: string): Place | undefined => places.get(conversationId);

export function keepPlace(conversationId: string, place: Place | undefined): void {
  places.delete(conversationId);
  if (place) places.set(conversationId, place);
  if (places.size > MOST) places.delete(places.keys().next().value!);
  try {
    sessionStorage.setItem(NAME, JSON.stringify([...places]));
  } catch {
    // Disabled or full: then only a reload forgets them.
  }
}

function stored(): [string, Place][] {
  try {
    const entries = parseJson(sessionStorage.getItem(NAME));
    return Array.isArray(entries) ? entries.filter(isEntry) : [];
  } catch {
    return [];
  }
}

function isEntry(entry: unknown): entry is [string, Place] {
  const [conversationId, place] = Array.isArray(entry) ? (entry as [unknown, Partial<Record<keyof Place, unknown>> | null]) : [];
  return typeof conversationId === "string" && typeof place?.id === "string" && typeof place.above === "number";
}
