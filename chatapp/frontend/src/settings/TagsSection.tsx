import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useRef, useState, type FormEvent, type ReactNode } from "react";
import { changeTag, tagsQuery } from "../api/order";
import type { Tag } from "../api/types";
import { useI18n, useT } from "../i18n";
import { SelectBox } from "../ui/Select";
import { TAG_COLORS, TagDot } from "../ui/TagDot";
import { toastError } from "../ui/toastError";
import { leaveRow } from "./leaveRow";
import { Section } from "./Section";
import { useConfirmation } from "./useConfirmation";

/** The names and colours of tags. Without tags there is nothing to show. */
export function TagsSection(): ReactNode {
  const t = useT();
  const { data: tags = [] } = useQuery(tagsQuery);
  if (tags.length === 0) return null;
  return (
    <Section title={t("tags.title")} lead={t("tags.lead")}>
      <ul className="conversation-rows tags">
        {tags.map((tag) => (
          <TagRow key={tag.name} tag={tag} />
        ))}
      </ul>
    </Section>
  );
}

function TagRow({ tag: { name, color, count } }: { tag: Tag }): ReactNode {
  const { t, number } = useI18n();
  const id = useId();
  const queries = useQueryClient();
  const row = useRef<HTMLLIElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const [typed, setTyped] = useState(name);
  const [confirming, setConfirming] = useConfirmation(button);
  const change = useMutation({
    mutationFn: (changed: Parameters<typeof changeTag>[2]) => changeTag(queries, name, changed),
    onError: (error) => toastError(error, t),
  });
  const wanted = typed.trim();
  const rename = (event: FormEvent): void => {
    event.preventDefault();
    if (wanted && wanted !== name) change.mutate({ name: wanted });
  };
  const remove = (): void => {
    leaveRow(row.current);
    change.mutate(null);
  };
  return (
    <li ref={row}>
      <TagDot color={color} />
      <form className="field tag-name" onSubmit={rename}>
        <input dir="auto" maxLength={50} aria-label={t("tags.name", { name })} value={typed} onChange={(event) => setTyped(event.target.value)} />
        {wanted && wanted !== name && (
          <button type="submit" className="button small">
            {t("nav.rename")}
          </button>
        )}
      </form>
      <span className="count" id={id}>
        {t("order.count")} {number(count)}
      </span>
      <div className="field tag-color">
        <SelectBox aria-label={t("tags.color", { name })} value={color ?? "gray"} onChange={(event) => change.mutate({ color: event.target.value as Tag["color"] })}>
          {TAG_COLORS.map((known) => (
            <option key={known} value={known}>
              {t(`tags.color.${known}`)}
            </option>
          ))}
        </SelectBox>
      </div>
      <button
        ref={button}
        type="button"
        className="button small danger"
        aria-describedby={id}
        onBlur={() => setConfirming(false)}
        onClick={() => (confirming ? remove() : setConfirming(true))}
      >
        {t(confirming ? "settings.trash.confirm" : "nav.delete")}
      </button>
    </li>
  );
}
