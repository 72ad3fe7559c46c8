/** Whether a key belongs to an input method, where Enter chooses a word. Safari only tells by the key code. */
export const isComposing = (event: KeyboardEvent): boolean => event.isComposing || event.keyCode === 229;
