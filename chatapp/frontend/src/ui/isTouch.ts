/** There the keyboard on the screen covers half of the page. It has no Shift+Enter, and the button that sends is at hand. */
export const isTouch = (): boolean => matchMedia("(pointer: coarse)").matches;
