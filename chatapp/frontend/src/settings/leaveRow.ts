/** Moves the keyboard's focus from a row that is about to go to the one after it, or before it, or to the page. */
export function leaveRow(row: HTMLElement | null): void {
  if (!row?.contains(document.activeElement)) return;
  const neighbour = row.nextElementSibling ?? row.previousElementSibling;
  (neighbour?.querySelector<HTMLElement>("button") ?? document.getElementById("main"))?.focus();
}
