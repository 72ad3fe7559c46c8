import { useState } from "react";

/**
 * The messages that the person has unfolded: an own one, or an answer's reasoning. They stay so when they are stored or
 * end, and when they leave the screen.
 */
const unfolded = new Set<string>();

export const isUnfolded = (messageId: string): boolean => unfolded.has(messageId);

/** Whether a message is unfolded, and what folds or unfolds it. */
export function useUnfolded(messageId: string): [boolean, () => void] {
  const [open, setOpen] = useState(isUnfolded(messageId));
  const toggle = (): void => {
    if (open) unfolded.delete(messageId);
    else unfolded.add(messageId);
    setOpen(!open);
  };
  return [open, toggle];
}
