/** The tree of a conversation as rows, one for each message: what the map draws. Pure functions. */
import type { Twig } from "../api/types";

export interface TreeRow {
  twig: Twig;
  /** How many branches deep it is. What is shown is in lane 0, each other branch one lane beside the one it leaves. */
  lane: number;
  /** The row of its parent; -1 for a beginning. */
  parent: number;
  /** It is the first message of a branch that leaves the lane before it. */
  leaves: boolean;
  /** Something follows it in its lane. */
  goesOn: boolean;
  /** It is on the branch that is shown. */
  shown: boolean;
}

/**
 * From top to bottom: each message, then the branches that leave there, and last the one that goes on in its lane. So a
 * lane is one line without gaps, and every branch stands where it leaves.
 */
export function treeRows(twigs: readonly Twig[], activeId: string | null): TreeRow[] {
  const shown = pathTo(twigs, activeId);
  const known = new Set(twigs.map(({ id }) => id));
  const children = new Map<string | null, Twig[]>();
  for (const twig of twigs) {
    const parent = twig.parentId !== null && known.has(twig.parentId) ? twig.parentId : null;
    const list = children.get(parent);
    if (list) list.push(twig);
    else children.set(parent, [twig]);
  }
  const rows: TreeRow[] = [];
  const waiting: Pick<TreeRow, "twig" | "lane" | "parent" | "leaves">[] = [];
  const add = (id: string | null, lane: number, parent: number): boolean => {
    const list = children.get(id) ?? [];
    const main = list.find((twig) => shown.has(twig.id)) ?? list.at(-1);
    if (!main) return false;
    waiting.push({ twig: main, lane, parent, leaves: false });
    for (const twig of [...list].reverse()) if (twig !== main) waiting.push({ twig, lane: lane + 1, parent, leaves: true });
    return true;
  };
  add(null, 0, -1);
  for (let row = waiting.pop(); row; row = waiting.pop()) {
    const at = rows.length;
    rows.push({ ...row, goesOn: false, shown: shown.has(row.twig.id) });
    rows[at]!.goesOn = add(row.twig.id, row.lane, at);
  }
  return rows;
}

function pathTo(twigs: readonly Twig[], activeId: string | null): ReadonlySet<string> {
  const parents = new Map(twigs.map(({ id, parentId }) => [id, parentId]));
  const path = new Set<string>();
  for (let id = activeId; id !== null && parents.has(id) && !path.has(id); id = parents.get(id) ?? null) path.add(id);
  return path;
}
