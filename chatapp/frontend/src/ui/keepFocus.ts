const LATER = 30; // ms: whatever knows better where the focus belongs has moved it by then

/**
 * Keeps the keyboard focus on the page: where the element that has it is removed, what is around it gets it, or else the
 * message field or the page's main part, but never the body, from where the next key would begin at the top. Whoever
 * points at things sees no ring around the whole thread for that, until they use a key.
 */
export function keepFocus(signal: AbortSignal): void {
  let path: Element[] = []; // what has the focus, and what is around it
  const note = (): void => {
    path = [];
    for (let at = document.activeElement; at && at !== document.body; at = at.parentElement) path.push(at);
  };
  const isLost = (): boolean => path[0]?.isConnected === false && document.activeElement === document.body;
  const observer = new MutationObserver(() => {
    if (isLost()) setTimeout(() => isLost() && heir(path)?.focus({ preventScroll: true }), LATER);
  });
  observer.observe(document.body, { childList: true, subtree: true });
  signal.addEventListener("abort", () => observer.disconnect());
  const { dataset } = document.documentElement;
  addEventListener("pointerdown", () => (dataset.pointer = ""), { signal, capture: true });
  addEventListener("keydown", () => delete dataset.pointer, { signal, capture: true });
  addEventListener("focusin", note, { signal });
  addEventListener("pointerup", note, { signal }); // a click beside everything takes the focus away on purpose
}

function heir(path: readonly Element[]): HTMLElement | null {
  const main = document.getElementById("main");
  const around = path.find((element) => element.isConnected && element !== main && element.matches("[tabindex]"));
  const field = matchMedia("(pointer: coarse)").matches ? null : document.getElementById("composer"); // it would open a phone's keyboard
  return (around as HTMLElement | undefined) ?? field ?? main;
}
