import { useQuery } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactNode } from "react";
import { tagsQuery, type Change } from "../api/order";
import type { Conversation } from "../api/types";
import { useT } from "../i18n";
import { Field } from "../ui/Field";
import { Modal } from "../ui/Modal";
import { TagDot } from "../ui/TagDot";
import { closeDialog } from "./dialogs";
import { clearSelection } from "./selection";
import { useOrder } from "./useOrder";
import { whatOf } from "./whatOf";

/** Puts tags on conversations and takes them off. Where only some have one, it stays so until its box is used. */
export function TagsDialog({ items }: { items: readonly Conversation[] }): ReactNode {
  const t = useT();
  const order = useOrder();
  const { data: known = [] } = useQuery(tagsQuery);
  const [wanted, setWanted] = useState<ReadonlyMap<string, boolean>>(new Map());
  const [added, setAdded] = useState("");
  const colors = new Map(known.map(({ name, color }) => [name, color]));
  const names = [...new Set([...colors.keys(), ...items.flatMap(({ tags }) => tags), ...wanted.keys()])];
  const choose = (tag: string, on: boolean): void => setWanted(new Map(wanted).set(tag, on));

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const all = added.trim() ? new Map(wanted).set(added.trim(), true) : wanted;
    const changes = [...all].map(([tag, on]): Change => ({
      items: items.filter(({ tags }) => tags.includes(tag) !== on),
      change: { action: on ? "tag" : "untag", tag },
    }));
    closeDialog();
    clearSelection();
    if (changes.some((change) => change.items.length > 0)) void order(changes, t("order.done.tags", { what: whatOf(items, t) }));
  };
  return (
    <Modal title={t("tags.title")} onClose={closeDialog}>
      <p dir="auto">{whatOf(items, t)}</p>
      <form className="form" onSubmit={submit}>
        {names.length > 0 && (
          <ul className="choices">
            {names.map((tag) => {
              const count = items.filter(({ tags }) => tags.includes(tag)).length;
              const some = !wanted.has(tag) && count > 0 && count < items.length;
              return (
                <li key={tag}>
                  <label>
                    <input
                      type="checkbox"
                      checked={wanted.get(tag) ?? count === items.length}
                      ref={(box) => void (box && (box.indeterminate = some))}
                      onChange={(event) => choose(tag, event.target.checked)}
                    />
                    <TagDot color={colors.get(tag)} />
                    <span dir="auto">{tag}</span>
                  </label>
                </li>
              );
            })}
          </ul>
        )}
        <Field label={t("tags.new")} value={added} maxLength={50} onChange={(event) => setAdded(event.target.value)} />
        <div className="dialog-actions">
          <button type="button" className="button" onClick={closeDialog}>
            {t("app.cancel")}
          </button>
          <button type="submit" className="button primary">
            {t("app.save")}
          </button>
        </div>
      </form>
    </Modal>
  );
}
