import { createContext, useContext } from "react";
import type { Conversation } from "../api/types";

/** Whether a conversation can only be read: what is in the trash is not changed there. */
export const isReadOnly = (conversation: Conversation | undefined): boolean => Boolean(conversation?.trashedAt);

/** Whether the one that is shown is so. */
export const ReadOnly = createContext(false);

export const useReadOnly = (): boolean => useContext(ReadOnly);
