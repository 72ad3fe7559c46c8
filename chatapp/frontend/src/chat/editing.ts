/** Which messages are being edited. What is written there is a draft like any other, so it survives a reload. */
import { createStore, useStore } from "../lib/store";
import { readDraft, writeDraft } from "./drafts";

/** Under which name the draft of an edit is kept, in place of a conversation's id. */
export const editPlace = (messageId: string): string => `edit:${messageId}`;

/** What was opened in this tab. */
const opened = createStore<readonly string[]>([]);
/** The message whose field takes the focus once it is rendered. */
let awaited: string | null = null;

export function openEdit(userId: string, messageId: string, text: string): void {
  if (!readDraft(userId, editPlace(messageId))) writeDraft(userId, editPlace(messageId), text);
  awaited = messageId;
  opened.set([...opened.get().filter((id) => id !== messageId), messageId]);
}

/** Closes the field. Its draft is to be emptied before. */
export function closeEdit(messageId: string): void {
  opened.set([...opened.get().filter((id) => id !== messageId)]); // a new list, for the fields that a reload has opened
}

export function useIsEdited(userId: string, messageId: string): boolean {
  return useStore(opened).includes(messageId) || readDraft(userId, editPlace(messageId)) !== "";
}

/** Whether the person has just opened the field of this message. True once. */
export function takesFocus(messageId: string): boolean {
  const takes = awaited === messageId;
  if (takes) awaited = null;
  return takes;
}
