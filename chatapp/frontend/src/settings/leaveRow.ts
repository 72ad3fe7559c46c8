/** Moves the keyboard focus from a row that is about to be removed to the next one, the previous one, or the page. */
export function leaveRow(row: HTMLElement | null): void {
  if (!row?.contains(document.activeElement)) return;
  const neighbour = row.nextElementSibling ?? row.previousElementSibling;
  (neighbour?.querySelector<HTMLElement>("button") ?? document.getElementById("main"))?.focus();
}
