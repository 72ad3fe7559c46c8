import { createContext, useContext } from "react";

/** Whether the conversation that is shown can only be read: what is in the trash is not changed there. */
export const ReadOnly = createContext(false);

export const useReadOnly = (): boolean => useContext(ReadOnly);
