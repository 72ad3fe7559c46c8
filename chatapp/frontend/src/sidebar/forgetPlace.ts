import { listFilter } from "../api/listFilter";
import { closeDialog } from "./dialogs";
import { clearSelection } from "./selection";

/** The person has left: what they listed and selected is nothing to the next one. */
export function forgetPlace(): void {
  listFilter.set({});
  clearSelection();
  closeDialog();
}
